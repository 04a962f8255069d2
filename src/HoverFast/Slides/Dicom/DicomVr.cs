namespace HoverFast.Slides.Dicom;

/// <summary>
/// Value representations: how an element's value is to be read (PS3.5 section 6.2). Each number is the two letters as they stand in a file, the first one low.
/// </summary>
internal enum DicomVr : ushort
{
    /// <summary>None: items and delimiters have none.</summary>
    None = 0,

    /// <summary>Title of a station.</summary>
    AE = 'A' | ('E' << 8),

    /// <summary>Age.</summary>
    AS = 'A' | ('S' << 8),

    /// <summary>Another element's tag.</summary>
    AT = 'A' | ('T' << 8),

    /// <summary>Code in capitals.</summary>
    CS = 'C' | ('S' << 8),

    /// <summary>Date.</summary>
    DA = 'D' | ('A' << 8),

    /// <summary>Number in decimal digits.</summary>
    DS = 'D' | ('S' << 8),

    /// <summary>Date and time.</summary>
    DT = 'D' | ('T' << 8),

    /// <summary>64-bit floating point.</summary>
    FD = 'F' | ('D' << 8),

    /// <summary>32-bit floating point.</summary>
    FL = 'F' | ('L' << 8),

    /// <summary>Whole number in digits.</summary>
    IS = 'I' | ('S' << 8),

    /// <summary>Text of up to 64 characters.</summary>
    LO = 'L' | ('O' << 8),

    /// <summary>Text of up to 10,240 characters.</summary>
    LT = 'L' | ('T' << 8),

    /// <summary>Bytes.</summary>
    OB = 'O' | ('B' << 8),

    /// <summary>64-bit floating points, many.</summary>
    OD = 'O' | ('D' << 8),

    /// <summary>32-bit floating points, many.</summary>
    OF = 'O' | ('F' << 8),

    /// <summary>32-bit words.</summary>
    OL = 'O' | ('L' << 8),

    /// <summary>64-bit words.</summary>
    OV = 'O' | ('V' << 8),

    /// <summary>16-bit words.</summary>
    OW = 'O' | ('W' << 8),

    /// <summary>A person's name.</summary>
    PN = 'P' | ('N' << 8),

    /// <summary>Text of up to 16 characters.</summary>
    SH = 'S' | ('H' << 8),

    /// <summary>32-bit whole number with a sign.</summary>
    SL = 'S' | ('L' << 8),

    /// <summary>A sequence of data sets.</summary>
    SQ = 'S' | ('Q' << 8),

    /// <summary>16-bit whole number with a sign.</summary>
    SS = 'S' | ('S' << 8),

    /// <summary>Text of up to 1,024 characters.</summary>
    ST = 'S' | ('T' << 8),

    /// <summary>64-bit whole number with a sign.</summary>
    SV = 'S' | ('V' << 8),

    /// <summary>Time.</summary>
    TM = 'T' | ('M' << 8),

    /// <summary>Text of any length.</summary>
    UC = 'U' | ('C' << 8),

    /// <summary>Unique identifier.</summary>
    UI = 'U' | ('I' << 8),

    /// <summary>32-bit whole number.</summary>
    UL = 'U' | ('L' << 8),

    /// <summary>Unknown.</summary>
    UN = 'U' | ('N' << 8),

    /// <summary>Address (URI).</summary>
    UR = 'U' | ('R' << 8),

    /// <summary>16-bit whole number.</summary>
    US = 'U' | ('S' << 8),

    /// <summary>Text of any length, one value.</summary>
    UT = 'U' | ('T' << 8),

    /// <summary>64-bit whole number.</summary>
    UV = 'U' | ('V' << 8),
}
