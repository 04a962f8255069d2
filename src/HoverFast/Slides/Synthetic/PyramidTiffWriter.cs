using System.Buffers.Binary;
using System.Text;

namespace HoverFast.Slides.Synthetic;

/// <summary>
/// Writes pyramidal TIFF files of JPEG tiles as they come, in constant memory apart from 16 bytes a tile. Tiles with the same bytes can be stored once.
/// </summary>
internal sealed class PyramidTiffWriter
{
    private readonly Stream _file;
    private readonly bool _big;
    private readonly long _header;
    private readonly List<Page> _pages = [];

    /// <summary>Begins a file.</summary>
    /// <param name="file">Seekable.</param>
    /// <param name="big">Whether to write BigTIFF, which files over 4 GB need.</param>
    public PyramidTiffWriter(Stream file, bool big)
    {
        _file = file;
        _big = big;
        _header = file.Position;
        file.Write(big ? [(byte)'I', (byte)'I', 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [(byte)'I', (byte)'I', 42, 0, 0, 0, 0, 0]);
    }

    /// <summary>Begins a level (or a thumbnail) of JPEG tiles, YCbCr with 2 x 2 subsampling as Skia's encoder writes it.</summary>
    public Page BeginPage(PixelSize size, PixelSize tile, string? description, bool tiled, bool reduced)
    {
        var columns = (size.Width + tile.Width - 1) / tile.Width;
        var rows = (size.Height + tile.Height - 1) / tile.Height;
        var page = new Page(size, tile, description, tiled, reduced, new long[columns * rows], new long[columns * rows]);
        _pages.Add(page);
        return page;
    }

    /// <summary>Writes a tile's bytes and says where they lie.</summary>
    public (long Offset, long Length) WriteTile(ReadOnlySpan<byte> jpeg)
    {
        var offset = _file.Position;
        _file.Write(jpeg);
        if (_file.Position % 2 == 1)
        {
            _file.WriteByte(0);
        }

        return (offset, jpeg.Length);
    }

    /// <summary>Writes the directories: one after the other, or all but the first under the first (as OME-TIFF does).</summary>
    public void Finish(bool nested)
    {
        var offsets = new long[_pages.Count];
        var links = new long[_pages.Count];
        for (var i = _pages.Count - 1; i >= 0; i--)
        {
            var children = nested && i == 0 ? offsets[1..] : [];
            offsets[i] = WriteDirectory(_pages[i], children, out links[i]);
        }

        Patch(_header + (_big ? 8 : 4), offsets[0]);
        for (var i = 0; i + 1 < _pages.Count && !nested; i++)
        {
            Patch(links[i], offsets[i + 1]);
        }

        _file.Flush();
    }

    private long WriteDirectory(Page page, long[] children, out long link)
    {
        var entries = new List<(ushort Tag, ushort Type, long Count, byte[] Values)>
        {
            (254, 4, 1, Four(page.Reduced ? 1 : 0)),
            (256, 4, 1, Four(page.Size.Width)),
            (257, 4, 1, Four(page.Size.Height)),
            (258, 3, 3, [8, 0, 8, 0, 8, 0]),
            (259, 3, 1, [7, 0]),
            (262, 3, 1, [6, 0]),
        };
        if (page.Description is { } description)
        {
            byte[] text = [.. Encoding.UTF8.GetBytes(description), 0];
            entries.Add((270, 2, text.Length, text));
        }

        if (!page.Tiled)
        {
            entries.Add((273, Wide, page.Offsets.Length, Pointers(page.Offsets)));
        }

        entries.Add((277, 3, 1, [3, 0]));
        if (!page.Tiled)
        {
            entries.Add((278, 4, 1, Four(page.Tile.Height)));
            entries.Add((279, Wide, page.Lengths.Length, Pointers(page.Lengths)));
        }

        entries.Add((284, 3, 1, [1, 0]));
        if (page.Tiled)
        {
            entries.Add((322, 4, 1, Four(page.Tile.Width)));
            entries.Add((323, 4, 1, Four(page.Tile.Height)));
            entries.Add((324, Wide, page.Offsets.Length, Pointers(page.Offsets)));
            entries.Add((325, Wide, page.Lengths.Length, Pointers(page.Lengths)));
        }

        if (children.Length > 0)
        {
            entries.Add((330, Wide, children.Length, Pointers(children)));
        }

        entries.Add((530, 3, 2, [2, 0, 2, 0]));
        var slots = new List<byte[]>();
        foreach (var (_, _, _, values) in entries)
        {
            if (values.Length <= PointerLength)
            {
                slots.Add([.. values, .. new byte[PointerLength - values.Length]]);
                continue;
            }

            slots.Add(Pointers([_file.Position]));
            _file.Write(values);
            if (_file.Position % 2 == 1)
            {
                _file.WriteByte(0);
            }
        }

        var at = _file.Position;
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, entries.Count);
        _file.Write(number[..(_big ? 8 : 2)]);
        for (var i = 0; i < entries.Count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(number, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(number[2..], entries[i].Type);
            _file.Write(number[..4]);
            _file.Write(Pointers([entries[i].Count]));
            _file.Write(slots[i]);
        }

        link = _file.Position;
        _file.Write(Pointers([0]));
        return at;
    }

    private ushort Wide => _big ? (ushort)16 : (ushort)4;

    private int PointerLength => _big ? 8 : 4;

    private static byte[] Four(int value) => BitConverter.GetBytes(value);

    private byte[] Pointers(long[] values)
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

    private void Patch(long place, long value)
    {
        var end = _file.Position;
        _file.Position = place;
        _file.Write(Pointers([value]));
        _file.Position = end;
    }

    /// <summary>A level while it is written: set each tile's place with <see cref="Put"/>.</summary>
    internal sealed record Page(PixelSize Size, PixelSize Tile, string? Description, bool Tiled, bool Reduced, long[] Offsets, long[] Lengths)
    {
        /// <summary>Notes where a tile lies.</summary>
        public void Put(int index, (long Offset, long Length) place)
        {
            Offsets[index] = place.Offset;
            Lengths[index] = place.Length;
        }
    }
}
