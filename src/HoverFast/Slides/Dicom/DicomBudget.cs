namespace HoverFast.Slides.Dicom;

/// <summary>
/// What the elements of one instance may take in memory, wherever they are read from: a slide's own are some ten thousand bytes, and those of its frames are
/// handed over one by one.
/// </summary>
internal sealed class DicomBudget
{
    private const int DeepestNesting = 16;
    private const long MostKept = 64L << 20;

    /// <summary>Bytes that an element takes besides its value.</summary>
    private const int ElementCost = 200;

    private long _kept;

    /// <summary>Bytes that are kept so far; set back when something isn't kept after all.</summary>
    public long Kept
    {
        get => _kept;
        set => _kept = value;
    }

    /// <summary>Refuses nesting that no instance needs.</summary>
    public static void CheckDepth(int depth)
    {
        if (depth > DeepestNesting)
        {
            throw new InvalidDataException("Its sequences are nested absurdly deep.");
        }
    }

    /// <summary>Counts an element.</summary>
    /// <param name="bytes">Of its value.</param>
    public void Count(long bytes)
    {
        _kept += ElementCost + bytes;
        if (_kept > MostKept)
        {
            throw new InvalidDataException($"Its elements take more than {MostKept >> 20} MB; no slide needs so many.");
        }
    }
}
