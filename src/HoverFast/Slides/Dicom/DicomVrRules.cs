namespace HoverFast.Slides.Dicom;

/// <summary>What a value representation means for the bytes in a file (PS3.5 sections 6.2 and 7.1.2).</summary>
internal static class DicomVrRules
{
    /// <summary>Whether the element's length takes 32 bits, after two bytes of nothing; 16 bits otherwise.</summary>
    public static bool HasLongLength(this DicomVr vr) => vr is DicomVr.OB or DicomVr.OD or DicomVr.OF or DicomVr.OL or DicomVr.OV or DicomVr.OW or DicomVr.SQ
        or DicomVr.SV or DicomVr.UC or DicomVr.UN or DicomVr.UR or DicomVr.UT or DicomVr.UV;

    /// <summary>Whether values are text in digits or letters.</summary>
    public static bool IsText(this DicomVr vr) =>
        vr
            is DicomVr.AE
                or DicomVr.AS
                or DicomVr.CS
                or DicomVr.DA
                or DicomVr.DS
                or DicomVr.DT
                or DicomVr.IS
                or DicomVr.LO
                or DicomVr.LT
                or DicomVr.PN
                or DicomVr.SH
                or DicomVr.ST
                or DicomVr.TM
                or DicomVr.UC
                or DicomVr.UI
                or DicomVr.UR
                or DicomVr.UT;

    /// <summary>Whether a backslash is part of the text and doesn't part two values.</summary>
    public static bool IsOneText(this DicomVr vr) => vr is DicomVr.LT or DicomVr.ST or DicomVr.UR or DicomVr.UT;

    /// <summary>The byte that makes an odd number of bytes even.</summary>
    public static byte Padding(this DicomVr vr) => vr.IsText() && vr != DicomVr.UI ? (byte)' ' : (byte)0;

    /// <summary>Bytes of one number; 0 where values aren't binary numbers.</summary>
    public static int NumberLength(this DicomVr vr) => vr switch
    {
        DicomVr.US or DicomVr.SS or DicomVr.OW => 2,
        DicomVr.UL or DicomVr.SL or DicomVr.FL or DicomVr.OF or DicomVr.OL or DicomVr.AT => 4,
        DicomVr.UV or DicomVr.SV or DicomVr.FD or DicomVr.OD or DicomVr.OV => 8,
        _ => 0,
    };

    /// <summary>Whether two letters of a file are a value representation at all; newer ones than we know count.</summary>
    public static bool IsPlausible(this DicomVr vr) => ((int)vr & 0xFF) is >= 'A' and <= 'Z' && ((int)vr >> 8) is >= 'A' and <= 'Z';
}
