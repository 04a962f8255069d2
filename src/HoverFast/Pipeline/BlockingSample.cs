using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Pipeline;

/// <summary>
/// Measures <see cref="JpegBlocking"/> on some parts of the level that a slide is read from: the model's own grid is another, on which blocks are blurred.
/// </summary>
internal static class BlockingSample
{
    /// <summary>Parts that are read, and pixels on a side of each: the side of most slides' stored tiles.</summary>
    private const int Parts = 12;
    private const int Side = 256;

    /// <summary>Measures a slide.</summary>
    /// <param name="session">The slide.</param>
    /// <param name="tiles">The tiles that are segmented.</param>
    /// <returns>The blocking; null where no part in tissue could be read.</returns>
    public static double? Of(SlideSession session, IReadOnlyList<Tile> tiles)
    {
        var blocking = new JpegBlocking();
        var (level, mpp, tissue) = (session.Slide.Levels[session.Sampler.Level], session.Grid.Mpp.MicronsPerPixel, session.Tissue());
        var places = tiles.SelectMany(Quarters).Where(p => tissue.Contains(p.X * mpp, p.Y * mpp)).ToList();
        for (var i = 0; i < Math.Min(Parts, places.Count); i++)
        {
            var (x, y) = places[(int)((long)i * places.Count / Math.Min(Parts, places.Count))];
            var scale = session.Grid.Scale / level.Downsample;
            var part = PartAt((int)(x * scale), (int)(y * scale), level.Size);
            if (part is { Width: > 0, Height: > 0 })
            {
                Add(session.Slide, level.Index, part, blocking);
            }
        }

        return blocking.Value;
    }

    private static void Add(ISlide slide, int level, PixelRect part, JpegBlocking blocking)
    {
        try
        {
            var picture = new RgbImage(part.Width, part.Height);
            slide.Read(level, 1, part, picture);
            blocking.Add(picture);
        }
        catch (SlideException)
        {
            // A damaged place is told of elsewhere.
        }
    }

    /// <summary>The middles of a tile's quarters on the working grid.</summary>
    private static IEnumerable<(double X, double Y)> Quarters(Tile tile) =>
        Enumerable.Range(0, 4).Select(i =>
            (tile.Core.X + (((i % 2 * 2) + 1) * tile.Core.Width / 4.0), tile.Core.Y + (((i / 2 * 2) + 1) * tile.Core.Height / 4.0)));

    /// <summary>The square of a regular grid that a place lies in, cut off at the level's edge.</summary>
    private static PixelRect PartAt(int x, int y, PixelSize size)
    {
        var (left, top) = (x / Side * Side, y / Side * Side);
        return new PixelRect(left, top, Math.Min(Side, size.Width - left), Math.Min(Side, size.Height - top));
    }
}
