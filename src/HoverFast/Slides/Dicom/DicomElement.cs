namespace HoverFast.Slides.Dicom;

/// <summary>
/// One element of a data set: a tag and its value, which is either bytes at hand, a sequence of data sets, bytes that lie in a file and are read when
/// needed, or bytes that are made while they are written.
/// </summary>
internal sealed class DicomElement
{
    /// <summary>A length that a file doesn't state: a delimiter ends the value (PS3.5 section 7.5).</summary>
    public const uint UndefinedLength = 0xFFFFFFFF;

    private DicomElement(DicomTag tag, DicomVr vr)
    {
        Tag = tag;
        Vr = vr;
    }

    /// <summary>The tag.</summary>
    public DicomTag Tag { get; }

    /// <summary>How the value is represented.</summary>
    public DicomVr Vr { get; }

    /// <summary>The value as it stands in a file, little endian; empty for the other kinds.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private init; }

    /// <summary>The data sets of a sequence; null for the other kinds.</summary>
    public IReadOnlyList<DicomDataSet>? Items { get; private init; }

    /// <summary>Where the value begins in the file that it was read from, where it was left there; null otherwise.</summary>
    public long? Offset { get; private init; }

    /// <summary>Bytes of the value; <see cref="UndefinedLength"/> where a delimiter ends it. 0 for a sequence.</summary>
    public long Length { get; private init; }

    /// <summary>Writes the value; null for the other kinds.</summary>
    public Action<Stream>? Write { get; private init; }

    /// <summary>An element whose bytes are at hand. An odd number of them is made even as the representation asks.</summary>
    public static DicomElement Of(DicomTag tag, DicomVr vr, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length % 2 == 1)
        {
            var even = new byte[bytes.Length + 1];
            bytes.Span.CopyTo(even);
            even[^1] = vr.Padding();
            bytes = even;
        }

        return new DicomElement(tag, vr) { Bytes = bytes, Length = bytes.Length };
    }

    /// <summary>A sequence.</summary>
    public static DicomElement Of(DicomTag tag, IReadOnlyList<DicomDataSet> items) => new(tag, DicomVr.SQ) { Items = items };

    /// <summary>An element whose value stays in its file.</summary>
    public static DicomElement InFile(DicomTag tag, DicomVr vr, long offset, long length) => new(tag, vr) { Offset = offset, Length = length };

    /// <summary>An element whose value is made while it is written, so that it needn't be in memory at once.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="vr">How the value is represented.</param>
    /// <param name="length">The bytes that <paramref name="write"/> will write: an even number, below 4 GiB.</param>
    /// <param name="write">Writes them, little endian.</param>
    public static DicomElement Made(DicomTag tag, DicomVr vr, long length, Action<Stream> write)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(length, UndefinedLength);
        ArgumentOutOfRangeException.ThrowIfNotEqual(length % 2, 0, nameof(length));
        return new DicomElement(tag, vr) { Length = length, Write = write };
    }
}
