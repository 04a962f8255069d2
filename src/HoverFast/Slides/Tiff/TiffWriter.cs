using System.Buffers.Binary;

namespace HoverFast.Slides.Tiff;

/// <summary>Writes the frame of a little-endian TIFF: header, places of tiles and strips, directories (TIFF 6.0; BigTIFF where asked for).</summary>
internal sealed class TiffWriter
{
    private readonly Stream _file;
    private readonly bool _big;
    private readonly long _start;

    /// <summary>Begins a file: writes the header.</summary>
    /// <param name="file">Seekable; stays open.</param>
    /// <param name="big">Whether to write BigTIFF, which files over 4 GB need.</param>
    public TiffWriter(Stream file, bool big)
    {
        _file = file;
        _big = big;
        _start = file.Position;
        file.Write(big ? [(byte)'I', (byte)'I', 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [(byte)'I', (byte)'I', 42, 0, 0, 0, 0, 0]);
    }

    /// <summary>Where the header holds the place of the first directory.</summary>
    public long FirstLink => _start + (_big ? 8 : 4);

    private int PointerLength => _big ? 8 : 4;

    /// <summary>Writes bytes at the stream's position and says where they lie. TIFF wants everything on even places.</summary>
    public (long Offset, long Length) Append(ReadOnlySpan<byte> bytes)
    {
        var offset = _file.Position;
        _file.Write(bytes);
        if (_file.Position % 2 == 1)
        {
            _file.WriteByte(0);
        }

        return (offset, bytes.Length);
    }

    /// <summary>A tag of places in the file, or of lengths.</summary>
    public TiffField Pointers(ushort tag, long[] values) => new(tag, _big ? (ushort)16 : TiffField.LongType, values.Length, ToBytes(values));

    /// <summary>Writes a directory at the stream's position; the link to the next one is zero.</summary>
    /// <param name="fields">In any order.</param>
    /// <param name="link">Where the place of the next directory can be noted with <see cref="Link"/>.</param>
    /// <returns>Where the directory lies.</returns>
    public long WriteDirectory(IEnumerable<TiffField> fields, out long link)
    {
        var sorted = fields.OrderBy(e => e.Tag).ToList();
        var slots = sorted.ConvertAll(e => e.Values.Length <= PointerLength
            ? [.. e.Values, .. new byte[PointerLength - e.Values.Length]]
            : ToBytes([Append(e.Values).Offset]));
        var at = _file.Position;
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, sorted.Count);
        _file.Write(number[..(_big ? 8 : 2)]);
        for (var i = 0; i < sorted.Count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(number, sorted[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(number[2..], sorted[i].Type);
            _file.Write(number[..4]);
            _file.Write(ToBytes([sorted[i].Count]));
            _file.Write(slots[i]);
        }

        link = _file.Position;
        _file.Write(ToBytes([0]));
        return at;
    }

    /// <summary>Notes a place in the file at a link; the stream's position stays.</summary>
    public void Link(long link, long place)
    {
        var end = _file.Position;
        _file.Position = link;
        _file.Write(ToBytes([place]));
        _file.Position = end;
    }

    private byte[] ToBytes(long[] values)
    {
        var bytes = new byte[values.Length * PointerLength];
        for (var i = 0; i < values.Length; i++)
        {
            if (_big)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * 8), values[i]);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), checked((uint)values[i]));
            }
        }

        return bytes;
    }
}
