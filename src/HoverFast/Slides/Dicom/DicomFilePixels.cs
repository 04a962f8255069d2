using System.Buffers;
using System.Buffers.Binary;

namespace HoverFast.Slides.Dicom;

/// <summary>
/// The frames in a DICOM file's pixels: side by side, or each in fragments of its own (PS3.5 annex A.4). Where a table of offsets is there and plausible it is
/// followed, so that nothing of the pixels need be read to find them; otherwise the fragments are walked through, and a new frame begins where a picture does.
/// </summary>
internal sealed class DicomFilePixels : IDicomFrames
{
    private const long MostFrameBytes = 256 << 20;
    private const int ItemHeader = 8;

    private readonly DicomReader _reader;

    /// <summary>Where frames begin: their bytes, or the header of their first fragment.</summary>
    private readonly long[] _starts;

    /// <summary>Bytes of each frame where they lie side by side; 0 where they are in fragments.</summary>
    private readonly long _size;

    /// <summary>Finds the frames.</summary>
    /// <param name="reader">The file; stays the caller's.</param>
    /// <param name="elements">Its elements.</param>
    /// <exception cref="InvalidDataException">They can't be told apart, or reach beyond the end of the file.</exception>
    public DicomFilePixels(DicomReader reader, DicomDataSet elements)
    {
        _reader = reader;
        var pixels = elements[DicomTag.PixelData] ?? throw new InvalidDataException("It holds no pixels.");
        var frames = Math.Max(1, ReadingLimits.Tiles(elements.Integer(DicomTag.NumberOfFrames) ?? 1, 1, reader.Length));
        if (pixels.Length == DicomElement.UndefinedLength)
        {
            _starts = FindFragments(pixels.Offset!.Value, frames, elements);
            return;
        }

        // What follows the last frame is padding: more than the one byte that the standard allows, perhaps, or frames that aren't counted.
        var size = FrameLength(elements);
        _size = size > 0 && size <= pixels.Length / frames ? size : pixels.Length / frames;
        if (_size == 0)
        {
            throw new InvalidDataException($"Its {frames} frames have {pixels.Length} bytes; it is damaged.");
        }

        _starts = new long[frames];
        for (var f = 0; f < frames; f++)
        {
            _starts[f] = pixels.Offset!.Value + (f * _size);
        }
    }

    /// <inheritdoc/>
    public int Count => _starts.Length;

    /// <inheritdoc/>
    public long Length => _reader.Length;

    /// <inheritdoc/>
    public IMemoryOwner<byte> Read(int frame)
    {
        var places = _size > 0 ? [(_starts[frame], _size)] : Fragments(frame);
        var length = places.Sum(p => p.Length);
        if (length > MostFrameBytes)
        {
            throw new InvalidDataException($"The frame would take {length} bytes.");
        }

        var data = new PooledBytes((int)length);
        try
        {
            var rest = data.Memory.Span;
            foreach (var (offset, part) in places)
            {
                _reader.Read(offset, rest[..(int)part]);
                rest = rest[(int)part..];
            }

            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of an uncompressed frame by what the elements state; 0 where they state too little.</summary>
    private static long FrameLength(DicomDataSet elements)
    {
        var (rows, columns) = (elements.Integer(DicomTag.Rows) ?? 0, elements.Integer(DicomTag.Columns) ?? 0);
        var bits = elements.Integer(DicomTag.BitsAllocated) ?? 0;

        // Two pixels share their chroma.
        var samples = elements.Text(DicomTag.Photometric) == "YBR_FULL_422" ? 2 : elements.Integer(DicomTag.SamplesPerPixel) ?? 1;
        return rows is > 0 and <= ushort.MaxValue && columns is > 0 and <= ushort.MaxValue && bits is > 0 and <= 64 && samples is > 0 and <= 4
            ? rows * columns * samples * bits / 8
            : 0;
    }

    private List<(long Offset, long Length)> Fragments(int frame)
    {
        var at = _starts[frame];
        var end = frame + 1 < _starts.Length ? _starts[frame + 1] : long.MaxValue;
        var places = new List<(long, long)>(1);
        while (at < end && ReadItem(at) is { } length)
        {
            if (length > 0)
            {
                places.Add((at + ItemHeader, length));
            }

            at += ItemHeader + length;
        }

        return places;
    }

    /// <summary>A fragment's bytes; null at the end of the pixels.</summary>
    private long? ReadItem(long at)
    {
        Span<byte> header = stackalloc byte[ItemHeader];
        _reader.Read(at, header);
        var tag = ((uint)BinaryPrimitives.ReadUInt16LittleEndian(header) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
        if (tag == DicomTag.SequenceEnd.Number)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (tag != DicomTag.Item.Number || length > _reader.Length - at - ItemHeader)
        {
            throw new InvalidDataException("Its pixels reach beyond the end of the file; it is cut short or damaged.");
        }

        return length;
    }

    private long[] FindFragments(long at, int frames, DicomDataSet elements)
    {
        var tableLength = ReadItem(at) ?? throw new InvalidDataException("It holds no pixels.");
        var first = at + ItemHeader + tableLength;
        return TryTable(elements[DicomTag.ExtendedOffsetTable], sizeof(ulong), first, frames)
            ?? TryTable(DicomElement.InFile(DicomTag.PixelData, DicomVr.OL, at + ItemHeader, tableLength), sizeof(uint), first, frames)
            ?? Walk(first, frames);
    }

    /// <summary>Where frames begin by a table of offsets; null where there is none or it can't be true.</summary>
    private long[]? TryTable(DicomElement? table, int entry, long first, int frames)
    {
        if (table is null || table.Length != (long)frames * entry)
        {
            return null;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(frames * entry);
        try
        {
            var span = bytes.AsSpan(0, frames * entry);
            if (table.Offset is { } offset)
            {
                _reader.Read(offset, span);
            }
            else
            {
                table.Bytes.Span.CopyTo(span);
            }

            var starts = new long[frames];
            for (var f = 0; f < frames; f++)
            {
                var value =
                    entry == sizeof(uint)
                        ? BinaryPrimitives.ReadUInt32LittleEndian(span[(f * entry)..])
                        : BinaryPrimitives.ReadUInt64LittleEndian(span[(f * entry)..]);
                if (value > (ulong)_reader.Length || (f > 0 && first + (long)value <= starts[f - 1]))
                {
                    return null;
                }

                starts[f] = first + (long)value;
            }

            return starts[0] == first && IsItem(starts[^1]) ? starts : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private bool IsItem(long at)
    {
        try
        {
            return ReadItem(at) is not null;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private long[] Walk(long at, int frames)
    {
        var fragments = new List<long>();
        var pictures = new List<long>();
        Span<byte> start = stackalloc byte[2];
        while (ReadItem(at) is { } length)
        {
            if (fragments.Count == ReadingLimits.MostTiles)
            {
                throw new InvalidDataException("Its pixels lie in absurdly many fragments.");
            }

            fragments.Add(at);
            start.Clear();
            _reader.Read(at + ItemHeader, start[..(int)Math.Min(length, start.Length)]);
            if (start is [0xFF, 0xD8] or [0xFF, 0x4F])
            {
                // A JPEG or JPEG 2000 stream begins.
                pictures.Add(at);
            }

            at += ItemHeader + length;
        }

        return fragments.Count == frames ? [.. fragments]
            : pictures.Count == frames ? [.. pictures]
            : frames == 1 && fragments.Count > 0 ? [fragments[0]]
            : throw new InvalidDataException($"It has {frames} frames but {fragments.Count} fragments, and no table says how they belong together.");
    }
}
