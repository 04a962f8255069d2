using HoverFast.Slides;

namespace HoverFast.Server.Slides;

/// <summary>
/// The pyramid that the page sees of a slide: the stored levels with their own tiles where those are fit for it, so that a JPEG tile of the file can be handed
/// on untouched; levels between and beyond them, each half the one before, are made.
/// </summary>
internal static class ViewPyramid
{
    /// <summary>Pixels of a tile that is made.</summary>
    public const int MadeTile = 512;

    private const int SmallestTile = 128;
    private const int LargestTile = 1024;

    /// <summary>Stored levels may lie this far apart; a level between them spares the browser sixteen tiles for one.</summary>
    private const double WidestGap = 2.9;

    /// <summary>The levels, the finest first.</summary>
    public static IReadOnlyList<ViewLevel> Of(ISlide slide)
    {
        var levels = new List<ViewLevel>();
        foreach (var stored in slide.Levels)
        {
            Bridge(stored.Downsample);
            if (levels.Count == 0 || stored.Downsample > levels[^1].Resolution * 1.2)
            {
                var fits = stored.TileSize is { Width: >= SmallestTile and <= LargestTile, Height: >= SmallestTile and <= LargestTile };
                levels.Add(new ViewLevel(stored.Downsample, stored.Size, fits ? stored.TileSize : new PixelSize(MadeTile, MadeTile), stored.Index));
            }
        }

        while (Math.Max(levels[^1].Size.Width, levels[^1].Size.Height) > MadeTile)
        {
            levels.Add(Made(levels[^1].Resolution * 2));
        }

        return levels;

        void Bridge(double next)
        {
            while (levels.Count > 0 && next > levels[^1].Resolution * WidestGap)
            {
                levels.Add(Made(levels[^1].Resolution * 2));
            }
        }

        ViewLevel Made(double resolution)
        {
            var full = slide.Levels[0].Size;
            var size = new PixelSize(Math.Max(1, (int)Math.Ceiling(full.Width / resolution)), Math.Max(1, (int)Math.Ceiling(full.Height / resolution)));
            return new ViewLevel(resolution, size, new PixelSize(MadeTile, MadeTile), null);
        }
    }
}
