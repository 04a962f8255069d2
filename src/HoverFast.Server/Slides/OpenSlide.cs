using HoverFast.Slides;
using HoverFast.Slides.OpenSlide;
using HoverFast.Slides.Tiff;

namespace HoverFast.Server.Slides;

/// <summary>A slide that is open for the page: its pyramid, its tiles as JPEG, its pictures. Thread safe.</summary>
internal sealed class OpenSlide : IDisposable
{
    private const int Quality = 87;

    private readonly ISlide _file;
    private readonly ISlide _slide;
    private readonly bool _isConverted;
    private int _users;
    private bool _isDropped;

    /// <summary>Opens a slide.</summary>
    /// <exception cref="SlideException">It can't be opened.</exception>
    public OpenSlide(string path)
        : this(HoverFast.Slides.Slide.Open(path))
    {
    }

    /// <summary>Takes a slide, and closes it in the end.</summary>
    public OpenSlide(ISlide slide)
    {
        try
        {
            _slide = SrgbSlide.Of(slide);
        }
        catch (SlideException e)
        {
            _slide = slide;
            ColourNote = e.Problem;
        }

        _file = slide;
        _isConverted = _slide != slide;
        Levels = ViewPyramid.Of(_slide);
    }

    /// <summary>Why its colours are shown as they are stored though it has a profile; null where that is no question.</summary>
    public string? ColourNote { get; }

    /// <summary>The slide.</summary>
    public ISlide Reader => _slide;

    /// <summary>The levels that the page sees, the finest first.</summary>
    public IReadOnlyList<ViewLevel> Levels { get; }

    /// <summary>A tile as JPEG; the file's own where it has one and its colours are right as they are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such tile.</exception>
    /// <exception cref="SlideException">It is damaged.</exception>
    public byte[] Tile(int level, int column, int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, Levels.Count);
        var view = Levels[level];
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, view.Columns);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, view.Rows);
        if (view.Stored is { } stored)
        {
            return
                _slide is TiledSlide tiled
                && !_isConverted
                && tiled.Levels[stored].TileSize == view.TileSize
                && tiled.JpegOf(stored, column, row) is { } jpeg
                ? jpeg
                : RgbImageFile.ToJpeg(ReadStored(view, stored, column, row), Quality);
        }

        return RgbImageFile.ToJpeg(Read(view, column * view.TileSize.Width, row * view.TileSize.Height, view.TileSize), Quality);
    }

    /// <summary>What was scanned of the slide, in a square.</summary>
    /// <param name="side">Pixels on its longer side, at most.</param>
    public RgbImage Thumbnail(int side)
    {
        var (full, part) = (_slide.Levels[0].Size, _slide.Bounds);
        var resolution = Math.Max(1, (double)Math.Max(part.Width, part.Height) / side);
        var size = new PixelSize(Math.Max(1, (int)(part.Width / resolution)), Math.Max(1, (int)(part.Height / resolution)));
        var whole = new PixelSize((int)Math.Ceiling(full.Width / resolution), (int)Math.Ceiling(full.Height / resolution));
        return Read(new ViewLevel(resolution, whole, size, null), (int)(part.X / resolution), (int)(part.Y / resolution), size);
    }

    /// <summary>A picture beside the slide; null where it can't be read here.</summary>
    /// <param name="picture">As the slide's details list it.</param>
    public RgbImage? Picture(AssociatedPicture picture) =>
        !_slide.Details.Associated.Contains(picture) ? null
        : _file is OpenSlideSlide other ? other.ReadAssociated(picture)
        : _file is TiledSlide { DicomPictures: { } pictures } ? pictures.Read(picture)
        : IsTiff(_slide.Path) ? TiffDetails.ReadAssociated(_slide.Path, [.. _slide.Levels.Select(l => l.Size)], picture)
        : null;

    /// <summary>Takes the slide in use; false where it was closed meanwhile.</summary>
    public bool TryEnter()
    {
        lock (_slide)
        {
            _users += _isDropped ? 0 : 1;
            return !_isDropped;
        }
    }

    /// <summary>Ends a use.</summary>
    public void Leave()
    {
        lock (_slide)
        {
            _users--;
            Close();
        }
    }

    /// <summary>Closes the slide when nobody uses it any more.</summary>
    public void Dispose()
    {
        lock (_slide)
        {
            _isDropped = true;
            Close();
        }
    }

    private void Close()
    {
        if (_isDropped && _users == 0)
        {
            _slide.Dispose();
        }
    }

    private RgbImage ReadStored(ViewLevel view, int level, int column, int row)
    {
        var image = new RgbImage(view.TileSize.Width, view.TileSize.Height);
        _slide.Read(level, 1, new PixelRect(column * view.TileSize.Width, row * view.TileSize.Height, image.Width, image.Height), image);
        return image;
    }

    /// <summary>Reads a part of a level that is not stored from the coarsest one that is finer.</summary>
    private RgbImage Read(ViewLevel view, int x, int y, PixelSize size)
    {
        var source = _slide
            .Levels.SelectMany(l => _slide.ReductionsOf(l.Index).Select(r => new ReducedLevel(_slide, l.Index, r)))
            .Where(r => r.Downsample <= view.Resolution * 1.02)
            .MaxBy(r => r.Downsample)!;
        var inside = new PixelSize(Math.Min(size.Width, view.Size.Width - x), Math.Min(size.Height, view.Size.Height - y));
        var part = new RgbImage(inside.Width, inside.Height);
        source.ReadResampled(new WorkingRect(x, y, inside.Width, inside.Height), view.Resolution / source.Downsample, view.Size, part, vectors: true);
        if (inside == size)
        {
            return part;
        }

        var tile = new RgbImage(size.Width, size.Height);
        tile.Span.Fill(255);
        part.CopyTo(tile, 0, 0);
        return tile;
    }

    private static bool IsTiff(string path)
    {
        Span<byte> start = stackalloc byte[8];
        using var file = File.OpenRead(path);
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && TiffFile.IsTiff(start);
    }
}
