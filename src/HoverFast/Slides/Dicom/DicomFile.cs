using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace HoverFast.Slides.Dicom;

/// <summary>
/// The elements of one DICOM file (PS3.10, explicit little endian) that whole-slide pictures need, and where its frames lie. Reads are thread safe.
/// </summary>
internal sealed class DicomFile : IDisposable
{
    private const uint UndefinedLength = 0xFFFFFFFF;
    private const int DeepestNesting = 16;
    private const int LongestValue = 1 << 16;
    private const int MostFrames = 20_000_000;

    private const uint Item = 0xFFFEE000;
    private const uint ItemEnd = 0xFFFEE00D;
    private const uint SequenceEnd = 0xFFFEE0DD;
    private const uint PixelData = 0x7FE00010;
    private const uint ColumnPosition = 0x0048021E;
    private const uint RowPosition = 0x0048021F;
    private const uint PerFrameGroups = 0x52009230;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _window = new byte[1 << 16];
    private readonly Dictionary<uint, byte[]> _values = [];
    private long _windowStart;
    private int _windowLength;

    private DicomFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
        ReadElements(132, Length, 0, perFrame: false);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Where each frame's pixels lie; a frame of several fragments has several places.</summary>
    public List<(long Offset, long Length)[]> Frames { get; } = [];

    /// <summary>Each frame's left and upper edge in the whole picture, counted from 1, where the file states it.</summary>
    public List<(int Column, int Row)> Positions { get; } = [];

    /// <summary>Whether the first bytes are those of a DICOM file.</summary>
    public static bool IsDicom(ReadOnlySpan<byte> start) => start.Length >= 132 && start[128..132].SequenceEqual("DICM"u8);

    /// <summary>Reads a file's elements.</summary>
    /// <exception cref="InvalidDataException">The structure is damaged.</exception>
    /// <exception cref="NotSupportedException">It is encoded in a way that isn't known.</exception>
    public static DicomFile Open(string path)
    {
        var handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            return new DicomFile(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A text element (several values are parted by a backslash), or empty.</summary>
    public string Text(uint tag) => _values.TryGetValue(tag, out var value) ? Encoding.ASCII.GetString(value).TrimEnd('\0', ' ') : string.Empty;

    /// <summary>A 16- or 32-bit whole number, or a number in digits; the fallback where it is missing.</summary>
    public int Number(uint tag, int fallback = 0)
    {
        if (!_values.TryGetValue(tag, out var value))
        {
            return fallback;
        }

        // Number of frames is written in digits; all others are binary.
        if (tag == DicomTag.NumberOfFrames)
        {
            return int.TryParse(Text(tag), CultureInfo.InvariantCulture, out var digits) ? digits : fallback;
        }

        return value.Length switch
        {
            2 => BinaryPrimitives.ReadUInt16LittleEndian(value),
            4 => BinaryPrimitives.ReadInt32LittleEndian(value),
            _ => fallback,
        };
    }

    /// <summary>Fills the destination from a place in the file.</summary>
    /// <exception cref="InvalidDataException">The place lies outside the file.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var read = offset < 0 ? 0 : RandomAccess.Read(_handle, destination, offset);
            if (read == 0)
            {
                throw new InvalidDataException("The file ends before the data does; it is cut short.");
            }

            offset += read;
            destination = destination[read..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>Bytes through a window that moves along, so that reading element by element is quick.</summary>
    private ReadOnlySpan<byte> Peek(long at, int length)
    {
        if (at < _windowStart || at + length > _windowStart + _windowLength)
        {
            if (at < 0 || at + length > Length)
            {
                throw new InvalidDataException("The file ends in the middle of an element; it is cut short or damaged.");
            }

            _windowStart = at;
            _windowLength = (int)Math.Min(_window.Length, Length - at);
            Read(at, _window.AsSpan(0, _windowLength));
        }

        return _window.AsSpan((int)(at - _windowStart), length);
    }

    /// <summary>Reads elements up to an end or a delimiter; returns the place after them.</summary>
    private long ReadElements(long at, long end, int depth, bool perFrame)
    {
        if (depth > DeepestNesting)
        {
            throw new InvalidDataException("Its sequences are nested absurdly deep.");
        }

        var (column, row) = (0, 0);
        while (at + 8 <= end)
        {
            var (tag, vr, length, header) = ReadHeader(at);
            if (tag is ItemEnd or SequenceEnd)
            {
                at += 8;
                break;
            }

            at += header;
            if (tag == PixelData && depth == 0)
            {
                FindFrames(at, length);
                return at;
            }

            if (vr == "SQ" || (length == UndefinedLength && vr == "UN"))
            {
                if (vr == "UN")
                {
                    throw new NotSupportedException("It holds a private sequence of unknown encoding, which isn't supported.");
                }

                at = ReadSequence(at, length, depth, perFrame || tag == PerFrameGroups);
                continue;
            }

            if (length == UndefinedLength || length > end - at)
            {
                throw new InvalidDataException("An element reaches beyond the end of the file; it is cut short or damaged.");
            }

            if (tag == ColumnPosition && length == 4)
            {
                column = BinaryPrimitives.ReadInt32LittleEndian(Peek(at, 4));
            }
            else if (tag == RowPosition && length == 4)
            {
                row = BinaryPrimitives.ReadInt32LittleEndian(Peek(at, 4));
            }
            else if (length <= LongestValue && (!perFrame || tag == DicomTag.PixelSpacing) && DicomTag.IsWanted(tag))
            {
                // The first counts: nested ones repeat tags of the picture itself for other things.
                _values.TryAdd(tag, Peek(at, (int)length).ToArray());
            }

            at += length;
        }

        if (perFrame && column != 0 && row != 0 && Positions.Count < MostFrames)
        {
            Positions.Add((column, row));
        }

        return at;
    }

    private long ReadSequence(long at, uint length, int depth, bool perFrame)
    {
        var end = length == UndefinedLength ? Length : at + length;
        if (end > Length)
        {
            throw new InvalidDataException("A sequence reaches beyond the end of the file; it is cut short or damaged.");
        }

        while (at + 8 <= end)
        {
            var header = Peek(at, 8);
            var tag = TagOf(header);
            var itemLength = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            at += 8;
            if (tag == SequenceEnd)
            {
                break;
            }

            if (tag != Item)
            {
                throw new InvalidDataException("A sequence is damaged.");
            }

            var itemEnd = itemLength == UndefinedLength ? end : at + itemLength;
            if (itemEnd > end)
            {
                throw new InvalidDataException("An item reaches beyond its sequence; the file is damaged.");
            }

            var after = ReadElements(at, itemEnd, depth + 1, perFrame);
            at = itemLength == UndefinedLength ? after : itemEnd;
        }

        return at;
    }

    private (uint Tag, string Vr, uint Length, int Header) ReadHeader(long at)
    {
        var bytes = Peek(at, 8);
        var tag = TagOf(bytes);
        if (tag >> 16 == 0xFFFE)
        {
            return (tag, string.Empty, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), 8);
        }

        if (bytes[4] is < (byte)'A' or > (byte)'Z' || bytes[5] is < (byte)'A' or > (byte)'Z')
        {
            throw new NotSupportedException("It isn't written in explicit little endian, as DICOM slides are. Convert it with a DICOM tool (for example dcmconv +te).");
        }

        var vr = Encoding.ASCII.GetString(bytes[4..6]);
        if (vr is "OB" or "OW" or "OF" or "OD" or "OL" or "OV" or "SQ" or "UC" or "UN" or "UR" or "UT" or "SV" or "UV")
        {
            return (tag, vr, BinaryPrimitives.ReadUInt32LittleEndian(Peek(at, 12)[8..]), 12);
        }

        return (tag, vr, BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]), 8);
    }

    private static uint TagOf(ReadOnlySpan<byte> bytes) =>
        ((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);

    /// <summary>Notes where the frames lie: side by side, or each in fragments of its own (PS3.5 annex A.4).</summary>
    private void FindFrames(long at, uint length)
    {
        var frames = Math.Clamp(Number(DicomTag.NumberOfFrames, 1), 1, MostFrames);
        if (length != UndefinedLength)
        {
            var size = length / (uint)frames;
            if (at + length > Length || size == 0)
            {
                throw new InvalidDataException("Its pixels reach beyond the end of the file; it is cut short or damaged.");
            }

            for (var f = 0; f < frames; f++)
            {
                Frames.Add([(at + ((long)f * size), size)]);
            }

            return;
        }

        var fragments = new List<(long Offset, long Length)>();
        var starts = new List<long>();
        uint[]? table = null;
        long first = 0;
        while (true)
        {
            var header = Peek(at, 8);
            var tag = TagOf(header);
            var itemLength = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            if (tag == SequenceEnd)
            {
                break;
            }

            if (tag != Item || itemLength > Length - at - 8)
            {
                throw new InvalidDataException("Its pixels reach beyond the end of the file; it is cut short or damaged.");
            }

            if (table is null)
            {
                table = new uint[itemLength / 4];
                var bytes = new byte[table.Length * 4];
                Read(at + 8, bytes);
                for (var i = 0; i < table.Length; i++)
                {
                    table[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * 4));
                }

                first = at + 8 + itemLength;
            }
            else
            {
                starts.Add(at - first);
                fragments.Add((at + 8, itemLength));
            }

            at += 8 + itemLength;
        }

        Group(fragments, starts, table ?? [], frames);
    }

    private void Group(List<(long Offset, long Length)> fragments, List<long> starts, uint[] table, int frames)
    {
        if (fragments.Count == frames)
        {
            Frames.AddRange(fragments.Select(f => new[] { f }));
            return;
        }

        if (table.Length != frames)
        {
            throw new InvalidDataException($"It has {frames} frames but {fragments.Count} fragments, and no table says how they belong together.");
        }

        var next = 0;
        for (var f = 0; f < frames; f++)
        {
            var end = f + 1 < frames ? table[f + 1] : long.MaxValue;
            var from = next;
            while (next < fragments.Count && starts[next] < end)
            {
                next++;
            }

            Frames.Add([.. fragments.Skip(from).Take(next - from)]);
        }
    }
}
