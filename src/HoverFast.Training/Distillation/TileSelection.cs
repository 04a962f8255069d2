using System.IO.Hashing;
using System.Text;
using HoverFast.Slides;
using HoverFast.Tissue;

namespace HoverFast.Training.Distillation;

/// <summary>Chooses tiles at random inside a slide's tissue, none over another. The choice depends on the seed and the slide's name alone.</summary>
internal static class TileSelection
{
    /// <summary>Least share of a tile that is tissue.</summary>
    private const double LeastTissue = 0.5;

    /// <summary>Points of a tile, in each direction, at which tissue is looked up.</summary>
    private const int Probes = 8;

    /// <summary>Places tried for each tile wanted; a slide with little tissue gives fewer tiles.</summary>
    private const int Tries = 60;

    /// <summary>The tiles, from the top. A slide that is hardly larger than a tile is one tile.</summary>
    /// <param name="name">The slide's name.</param>
    /// <param name="grid">Its working grid.</param>
    /// <param name="tissue">Where to look.</param>
    /// <param name="count">Tiles wanted.</param>
    /// <param name="side">Side of a tile in working pixels.</param>
    /// <param name="seed">Another one gives other tiles.</param>
    public static IReadOnlyList<WorkingRect> Choose(string name, WorkingGrid grid, TissueMask tissue, int count, int side, ulong seed)
    {
        var (width, height) = (grid.Covered.Width, grid.Covered.Height);
        if (tissue.IsEmpty)
        {
            return [];
        }

        if (width < side * 3 / 2 && height < side * 3 / 2)
        {
            return [new WorkingRect(0, 0, width, height)];
        }

        var (w, h) = (Math.Min(side, width), Math.Min(side, height));
        var random = new Random(unchecked((int)HashOf(name, seed)));
        var chosen = new List<WorkingRect>();
        for (var i = 0; i < Tries * count && chosen.Count < count; i++)
        {
            var tile = new WorkingRect(random.Next(width - w + 1), random.Next(height - h + 1), w, h);
            if (!chosen.Exists(c => Meet(c, tile)) && TissueShare(tile, grid.Mpp, tissue) >= LeastTissue)
            {
                chosen.Add(tile);
            }
        }

        return [.. chosen.OrderBy(t => t.Y).ThenBy(t => t.X)];
    }

    /// <summary>The groups (slides or patients) that are kept for testing.</summary>
    public static HashSet<string> TestGroups(IEnumerable<string> groups, double share, ulong seed)
    {
        var all = groups.Distinct(StringComparer.Ordinal).OrderBy(g => HashOf(g, seed)).ThenBy(g => g, StringComparer.Ordinal).ToList();
        return [.. all.Take((int)Math.Round(all.Count * share))];
    }

    private static ulong HashOf(string name, ulong seed) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name), unchecked((long)seed));

    private static bool Meet(WorkingRect a, WorkingRect b) => a.X < b.Right && b.X < a.Right && a.Y < b.Bottom && b.Y < a.Bottom;

    private static double TissueShare(WorkingRect tile, Mpp mpp, TissueMask tissue)
    {
        var hits = 0;
        for (var i = 0; i < Probes * Probes; i++)
        {
            var x = tile.X + (((i % Probes) + 0.5) * tile.Width / Probes);
            var y = tile.Y + (((i / Probes) + 0.5) * tile.Height / Probes);
            hits += tissue.Contains(x * mpp.MicronsPerPixel, y * mpp.MicronsPerPixel) ? 1 : 0;
        }

        return hits / (double)(Probes * Probes);
    }
}
