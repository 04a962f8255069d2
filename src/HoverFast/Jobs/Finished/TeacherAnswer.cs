using System.Globalization;
using System.Numerics;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Jobs.Finished;

/// <summary>What another model, a teacher, says of a nucleus of a result: its map of probability there, and its own outlines.</summary>
internal sealed class TeacherAnswer
{
    /// <summary>Intersection over union from which on two outlines are the same nucleus.</summary>
    private const double Same = 0.5;

    /// <summary>Share of a nucleus that must lie inside of another for it to be a part of that one.</summary>
    private const double Part = 0.5;

    /// <summary>
    /// Pixels in a full-resolution pixel, along each side, for areas of outlines. The same pixels are asked for their probability, so that all figures of one
    /// sentence are of one area; the shapes of <see cref="Evaluation.OutlineAgreement"/>, made to find partners over a whole slide, would give other last
    /// decimals.
    /// </summary>
    private const int Finer = 4;

    private readonly NucleusMaps _maps;
    private readonly MapPlace _place;

    private TeacherAnswer(NucleusMaps maps, MapPlace place, IReadOnlyList<Vector2[]> outlines, double iou, string words) =>
        (_maps, _place, Outlines, Iou, Words) = (maps, place, outlines, iou, words);

    /// <summary>The outlines that meet the nucleus, in the result's pixels.</summary>
    public IReadOnlyList<Vector2[]> Outlines { get; }

    /// <summary>The largest intersection over union of one of them with the nucleus; 0 where there is none.</summary>
    public double Iou { get; }

    /// <summary>What it says, in a sentence or two.</summary>
    public string Words { get; }

    /// <summary>Its probability at a place of the slide, 0 to 1.</summary>
    /// <param name="x">Full-resolution column.</param>
    /// <param name="y">Full-resolution row.</param>
    public double ProbabilityAt(double x, double y) =>
        _maps.ProbabilityAt((x - _place.Left) / _place.Scale, (y - _place.Top) / _place.Scale) / NucleusMaps.ProbabilityScale;

    /// <summary>Asks the teacher.</summary>
    /// <param name="session">The slide, opened with the teacher.</param>
    /// <param name="nucleus">The nucleus.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">The slide can't be read, or the nucleus lies in no tile.</exception>
    public static TeacherAnswer Of(SlideSession session, WrittenNucleus nucleus, CancellationToken cancellation)
    {
        var (card, grid, bounds) = (session.Model.Card, session.Grid, session.Slide.Bounds);
        var shown = ExplainedTile.Of(session, nucleus, cancellation);
        var (maps, input) = (shown.Maps, shown.Input);
        var finder = new TileFinder(grid, card, session.Settings.Finder, static (_, _) => true);
        var (left, top) = grid.ToFullResolution(input.X, input.Y);
        var scale = grid.Scale * card.OutputStride;
        var own = PixelsOf(shown.Outline);
        var met = finder.Find(maps, shown.Picture, shown.Tile with { Ownership = OwnedArea.Everything }).Nuclei
            .Select(n => n.Transformed(grid.Scale, left - bounds.X, top - bounds.Y))
            .Select(n => (Nucleus: n, Pixels: PixelsOf(n.Contour)))
            .Select(n => (n.Nucleus, n.Pixels, Shared: n.Pixels.Count(own.Contains)))
            .Where(n => n.Shared > 0)
            .ToList();
        var place = new MapPlace(scale, (input.X + card.Margin) * grid.Scale, (input.Y + card.Margin) * grid.Scale, bounds);
        var name = $"{card.Name} {card.Version}";
        var probabilities = own
            .Select(p => place.Of(new Vector2((p.X + 0.5f) / Finer, (p.Y + 0.5f) / Finer)))
            .Select(p => maps.ProbabilityAt(p.X, p.Y) / NucleusMaps.ProbabilityScale)
            .ToList();
        var best = met.Select(n => (n.Nucleus, n.Pixels, n.Shared, Iou: n.Shared / (double)(n.Pixels.Count + own.Count - n.Shared)))
            .OrderByDescending(n => n.Iou)
            .FirstOrDefault();
        var inside = met.Count(n => n.Shared > Part * n.Pixels.Count);
        var told = string.Create(CultureInfo.InvariantCulture, $"Its probability inside this outline is {probabilities.Average():0.00} on average.");
        var words = best.Nucleus is null
            ? NoNucleus(name, probabilities.Max(), session.Settings.Finder)
            : best.Iou > Same
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{name} sees the same nucleus: IoU {best.Iou:0.00}, {(double)best.Pixels.Count / own.Count:0.00} times the area.")
            : inside > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{name} sees {inside} nuclei where this outline is one; the closest has an IoU of {best.Iou:0.00}.")
            : best.Shared > Part * own.Count
            ? string.Create(CultureInfo.InvariantCulture, $"{name} takes it as part of a larger nucleus: IoU {best.Iou:0.00}.")
            : string.Create(CultureInfo.InvariantCulture, $"{name} draws another nucleus here: IoU {best.Iou:0.00}.");
        return new TeacherAnswer(maps, place, [.. met.Select(n => n.Nucleus.Contour)], best.Iou, $"{words} {told}");
    }

    /// <summary>Why nothing was drawn: nothing is above the threshold, or what is makes no nucleus.</summary>
    private static string NoNucleus(string name, double peak, FinderSettings finder) => peak < finder.ProbabilityThreshold
        ? string.Create(CultureInfo.InvariantCulture, $"{name} sees no nucleus here (threshold {finder.ProbabilityThreshold:0.##}).")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{name} draws no nucleus here, though its probability reaches {peak:0.00} (threshold {finder.ProbabilityThreshold:0.##}): ")
        + string.Create(
            CultureInfo.InvariantCulture,
            $"what lies above is smaller than {finder.MinArea:0.##} um2, has a mean below {finder.MinMeanProbability:0.###} or a match probability below {finder.MinMatchProbability:0.##}.");

    private static HashSet<(int X, int Y)> PixelsOf(Vector2[] outline)
    {
        var pixels = new HashSet<(int, int)>();
        foreach (var run in new OutlineRaster().Fill(Array.ConvertAll(outline, p => OutlinePoint.Round(Finer * (double)p.X, Finer * (double)p.Y))))
        {
            for (var x = run.From; x < run.To; x++)
            {
                pixels.Add((x, run.Y));
            }
        }

        return pixels;
    }
}
