using HoverFast.Slides;
using HoverFast.Slides.Tiff;

namespace HoverFast.Synthetic;

/// <summary>
/// Writes pyramidal TIFF files of JPEG tiles as they come, in constant memory apart from 16 bytes a tile. Tiles with the same bytes can be stored once.
/// </summary>
internal sealed class PyramidTiffWriter
{
    private readonly TiffWriter _tiff;
    private readonly List<Page> _pages = [];

    /// <summary>Begins a file.</summary>
    /// <param name="file">Seekable.</param>
    /// <param name="big">Whether to write BigTIFF, which files over 4 GB need.</param>
    public PyramidTiffWriter(Stream file, bool big) => _tiff = new TiffWriter(file, big);

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
    public (long Offset, long Length) WriteTile(ReadOnlySpan<byte> jpeg) => _tiff.Append(jpeg);

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

        _tiff.Link(_tiff.FirstLink, offsets[0]);
        for (var i = 0; i + 1 < _pages.Count && !nested; i++)
        {
            _tiff.Link(links[i], offsets[i + 1]);
        }
    }

    private long WriteDirectory(Page page, long[] children, out long link)
    {
        const ushort YCbCr = 6;
        List<TiffField> fields =
        [
            TiffField.Long(TiffTag.NewSubfileType, page.Reduced ? 1 : 0),
            TiffField.Long(TiffTag.ImageWidth, page.Size.Width),
            TiffField.Long(TiffTag.ImageLength, page.Size.Height),
            TiffField.Short(TiffTag.BitsPerSample, 8, 8, 8),
            TiffField.Short(TiffTag.Compression, (ushort)TiffCompression.Jpeg),
            TiffField.Short(TiffTag.Photometric, YCbCr),
            TiffField.Short(TiffTag.SamplesPerPixel, 3),
            TiffField.Short(TiffTag.PlanarConfiguration, 1),
            TiffField.Short(TiffTag.YCbCrSubsampling, 2, 2),
            _tiff.Pointers(page.Tiled ? TiffTag.TileOffsets : TiffTag.StripOffsets, page.Offsets),
            _tiff.Pointers(page.Tiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts, page.Lengths),
        ];
        fields.AddRange(page.Tiled
            ? [TiffField.Long(TiffTag.TileWidth, page.Tile.Width), TiffField.Long(TiffTag.TileLength, page.Tile.Height)]
            : [TiffField.Long(TiffTag.RowsPerStrip, page.Tile.Height)]);
        if (page.Description is { } description)
        {
            fields.Add(TiffField.Text(TiffTag.ImageDescription, description));
        }

        if (children.Length > 0)
        {
            fields.Add(_tiff.Pointers(TiffTag.SubIfds, children));
        }

        return _tiff.WriteDirectory(fields, out link);
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
