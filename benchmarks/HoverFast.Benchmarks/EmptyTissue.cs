using System.Globalization;
using HoverFast.Nuclei;
using HoverFast.Tissue;

namespace HoverFast.Benchmarks;

/// <summary>
/// How much of a slide's tissue has no nucleus near it, in blocks of several sizes: what could be spared at most where a first look told where no nucleus
/// can be. All outlines are known here, so no look could tell better.
/// </summary>
internal static class EmptyTissue
{
    /// <summary>Sides of the blocks, in microns.</summary>
    private static readonly int[] _sides = [6, 12, 23, 46];

    /// <summary>Microns from one look at the tissue mask to the next.</summary>
    private const int Step = 2;

    /// <summary>Usage: empty [SLIDE] [MICRONS AROUND NUCLEI].</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        using var tissue = new BenchmarkTissue(args.Length > 0 ? args[0] : null);
        var around = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 5;
        var mask = TissueDetector.Detect(tissue.Slide, tissue.Mpp, 1, CancellationToken.None);
        using var segmenter = new SlideSegmenter();
        var um = tissue.Mpp.MicronsPerPixel;
        var nuclei = new List<DetectedNucleus>();
        await foreach (var nucleus in segmenter.FindNucleiAsync(tissue.Path).ConfigureAwait(false))
        {
            nuclei.Add(nucleus);
        }

        Console.WriteLine($"{nuclei.Count} nuclei in {mask.AreaInSquareMillimetres:0.00} mm2 of tissue; blocks without any within {around} um:");
        foreach (var side in _sides)
        {
            var near = new HashSet<(int X, int Y)>();
            foreach (var nucleus in nuclei)
            {
                var (left, right) = Range(nucleus.Outline.Select(p => p.X * um), around, side);
                var (top, bottom) = Range(nucleus.Outline.Select(p => p.Y * um), around, side);
                for (var y = top; y <= bottom; y++)
                {
                    for (var x = left; x <= right; x++)
                    {
                        near.Add((x, y));
                    }
                }
            }

            Console.WriteLine($"{side,4} um: {Empty(mask, side, near),4:0 %} of the tissue");
        }

        return 0;
    }

    private static (int First, int Last) Range(IEnumerable<double> microns, double around, int side)
    {
        var all = microns.ToList();
        return ((int)Math.Floor((all.Min() - around) / side), (int)Math.Floor((all.Max() + around) / side));
    }

    private static double Empty(TissueMask mask, int side, HashSet<(int X, int Y)> near)
    {
        var (empty, all) = (0L, 0L);
        for (var y = 0.5 * Step; y < mask.Height * mask.CellHeight; y += Step)
        {
            for (var x = 0.5 * Step; x < mask.Width * mask.CellWidth; x += Step)
            {
                if (mask.Contains(x, y))
                {
                    all++;
                    empty += near.Contains(((int)(x / side), (int)(y / side))) ? 0 : 1;
                }
            }
        }

        return all == 0 ? 0 : (double)empty / all;
    }
}
