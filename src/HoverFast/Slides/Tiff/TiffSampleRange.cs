namespace HoverFast.Slides.Tiff;

/// <summary>Finds how many bits of 16-bit samples are used, by the pixels.</summary>
internal static class TiffSampleRange
{
    /// <summary>Tiles looked at in the coarsest and in the finest level: glass is in some of them, and it is bright.</summary>
    private const int MostTiles = 64;

    /// <summary>Looks at the pixels, and tells all pages what to read them by.</summary>
    /// <param name="levels">The pages, the finest first; a level of several pages gives them all.</param>
    public static void Settle(IReadOnlyList<TiffImage> levels)
    {
        if (levels[0].Bits != 16 || levels[0].Compression is TiffCompression.Jpeg || levels[0].IsJpeg2000)
        {
            return;
        }

        var largest = 0;
        foreach (var level in levels.Where(l => l.Size == levels[0].Size || l.Size == levels[^1].Size))
        {
            largest = Math.Max(largest, LargestSample(level));
        }

        var bits = SampleDepth.Of(largest);
        foreach (var level in levels)
        {
            level.UsedBits = bits;
        }
    }

    private static int LargestSample(TiffImage level)
    {
        var columns = (level.Size.Width + level.TileSize.Width - 1) / level.TileSize.Width;
        var rows = (level.Size.Height + level.TileSize.Height - 1) / level.TileSize.Height;
        var tiles = (long)columns * rows;
        var largest = 0;
        for (var n = 0L; n < Math.Min(MostTiles, tiles); n++)
        {
            var tile = tiles <= MostTiles ? n : n * tiles / MostTiles;
            try
            {
                largest = Math.Max(largest, level.LargestSample((int)(tile % columns), (int)(tile / columns)));
            }
            catch (InvalidDataException)
            {
                // A damaged tile is reported when its pixels are asked for.
            }
        }

        return largest;
    }
}
