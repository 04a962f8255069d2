using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tiles;
using HoverFast.Tissue;

namespace HoverFast.Pipeline;

/// <summary>Looks at some places of a slide, evenly spread over its tissue, to see of what kind it is. The same places for every thread count.</summary>
internal static class TissueSample
{
    /// <summary>The most places.</summary>
    private const int Most = 9;

    /// <summary>Working pixels on a side of a place with its halo, about: some 0.3 mm of tissue.</summary>
    private const int Side = 1024;

    /// <summary>Looks at a slide.</summary>
    /// <param name="session">The slide.</param>
    /// <param name="network">Segments the places.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What was seen at each place; a damaged place is left out.</returns>
    public static IReadOnlyList<FieldSums> Of(SlideSession session, NucleusModel network, CancellationToken cancellation) =>
        Of(session.Slide, session.Sampler, session.Tissue(cancellation), session.Settings, network, cancellation);

    /// <summary>Looks at a slide that is no session's.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="sampler">Reads it on the working grid.</param>
    /// <param name="tissue">Where its tissue is.</param>
    /// <param name="settings">How it would be segmented; places are, with one view and the finder's defaults.</param>
    /// <param name="network">Segments the places.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What was seen at each place; a damaged place is left out.</returns>
    public static IReadOnlyList<FieldSums> Of(
        ISlide slide,
        SlideSampler sampler,
        TissueMask tissue,
        SegmentSettings settings,
        NucleusModel network,
        CancellationToken cancellation)
    {
        settings = settings with
        {
            TileSize = Side,
            GridOffset = default,
            Views = 1,
            Finder = new FinderSettings(),
        };
        var tiles = SlideSession.GridFor(network.Card, settings, sampler.Grid.FromFullResolution(slide.Bounds))
            .Tiles(tissue, sampler.Grid.Mpp, whole: network.Card.FixedInput is not null)
            .ToList();
        var count = Math.Min(Most, tiles.Count);
        var seen = new FieldSums?[count];
        var steps = new SlideSteps(sampler, network, tissue, slide.Bounds, settings);
        InParallel.Do(count, settings.Threads, i => seen[i] = Look(steps, tiles[(int)(((2L * i) + 1) * tiles.Count / (2 * count))]), cancellation);
        return [.. seen.OfType<FieldSums>()];
    }

    private static FieldSums? Look(SlideSteps steps, Tile tile)
    {
        var sums = new FieldSums(0, 0);
        try
        {
            foreach (var field in steps.Look(tile).Fields)
            {
                sums.Add(field);
            }
        }
        catch (SlideException e) when (e.Region is not null)
        {
            // A damaged place is told of when its tile comes. What may be there the next time, as a server that is away, must not choose the weights.
            return null;
        }

        return sums;
    }
}
