using System.Numerics;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using SkiaSharp;

namespace HoverFast.Jobs.Finished;

/// <summary>The pictures that explain a nucleus, all of one square around it.</summary>
internal sealed class ExplanationViews
{
    /// <summary>Pixels on a side of each view.</summary>
    public const int Side = 300;

    /// <summary>Microns around the nucleus's box, and on a side of the smallest square.</summary>
    private const double Around = 6;
    private const double Smallest = 28;

    private static readonly SKColor[] _regionColours =
    [
        new(141, 211, 199), new(190, 186, 218), new(251, 128, 114), new(128, 177, 211), new(253, 180, 98), new(179, 222, 105), new(252, 205, 229),
    ];

    private ExplanationViews(int regions, IReadOnlyList<(string Title, string Words, SKBitmap Picture)> all) => (Regions, All) = (regions, all);

    /// <summary>Regions that the nucleus's component was divided into.</summary>
    public int Regions { get; }

    /// <summary>The views with what they are and what they show.</summary>
    public IReadOnlyList<(string Title, string Words, SKBitmap Picture)> All { get; }

    /// <summary>Segments the nucleus's tile again and draws what is seen on the way.</summary>
    /// <param name="session">The slide with the model that made the result.</param>
    /// <param name="nucleus">The nucleus.</param>
    /// <param name="teacher">What a teacher says of it, or null.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">The slide can't be read, or the nucleus lies in no tile.</exception>
    public static ExplanationViews Of(SlideSession session, WrittenNucleus nucleus, TeacherAnswer? teacher, CancellationToken cancellation)
    {
        var (card, grid, bounds) = (session.Model.Card, session.Grid, session.Slide.Bounds);
        var shown = ExplainedTile.Of(session, nucleus, cancellation);
        var (maps, input, outline) = (shown.Maps, shown.Input, shown.Outline);
        var (area, offset) = TileFinder.AreaOf(card, maps);

        // Divided components: regions numbered over the whole area, each with the first number of its component.
        var labels = new int[area.Width * area.Height];
        var regionsOf = new List<int> { 0 };
        var finder = new NucleusFinder(new Mpp(grid.Mpp.MicronsPerPixel * card.OutputStride), session.Settings.Finder) { Watcher = Keep };
        finder.Find(maps, area);

        var toMap = new MapPlace(grid.Scale * card.OutputStride, (input.X + offset) * grid.Scale, (input.Y + offset) * grid.Scale, bounds);
        var window = Window(outline, toMap, grid.Mpp.MicronsPerPixel * card.OutputStride, area);
        var relief = finder.Relief.ToArray();
        var own = OwnLabel(labels, area.Width, outline, toMap);
        var count = Math.Max(1, regionsOf[own]);
        var frame = new ExplanationFrame(window, toMap, outline, Side);
        var slide = frame.Slide(session.Slide, bounds);
        var threshold = session.Settings.Finder.ProbabilityThreshold;
        List<(string, string, SKBitmap)> ofTeacher = teacher is null
            ? []
            :
            [
                (
                    "Teacher",
                    $"{teacher.Words} Grey is its probability, orange its own outlines, green this one.",
                    frame.Draw(
                        frame.Pixels((x, y) => toMap.OnSlide(x + 0.5, y + 0.5) is var at ? Grey(teacher.ProbabilityAt(at.X, at.Y)) : default),
                        outlined: true,
                        others: teacher.Outlines)),
            ];
        return new ExplanationViews(
            count,
            [
                ("Slide", $"{window.Width * grid.Mpp.MicronsPerPixel * card.OutputStride:0.0} um on a side, as the slide has it.", frame.Draw(slide, outlined: false)),
                ("Outline", "The outline that the result's file has.", frame.Draw(slide, outlined: true)),
                ("Probability", "Of nucleus: black is 0, white is 1.", frame.Draw(Map(i => Grey(maps.Probability[i] / 255.0)), outlined: true)),
                ("Horizontal", "Blue is -1, a nucleus's left edge; red is +1, its right edge.", frame.Draw(Map(i => Signed(maps.Horizontal[i])), outlined: true)),
                ("Vertical", "Blue is -1, a nucleus's upper edge; red is +1, its lower edge.", frame.Draw(Map(i => Signed(maps.Vertical[i])), outlined: true)),
                (
                    "Gradient",
                    "The relief of both maps and how fast they fall: dark is low, bright is an edge. Only where the probability is above the threshold.",
                    frame.Draw(Part(i => labels[i] == 0 ? new SKColor(214, 222, 235) : Grey(relief[i] / 127.0)), outlined: true)),
                (
                    "Seeds and split",
                    count > 1
                        ? $"Connected pixels above the probability {threshold:0.##} were divided into {count} regions; dots are their lowest places."
                        : $"Connected pixels above the probability {threshold:0.##} were not divided; the dot is their lowest place.",
                    frame.Draw(Part(RegionColour), outlined: true, Seeds())),
                .. ofTeacher,
            ]);

        void Keep(RegionBox box)
        {
            var first = regionsOf.Count - 1;
            for (var i = 0; i < box.RegionCount; i++)
            {
                regionsOf.Add(box.RegionCount);
            }

            for (var y = 1; y + 1 < box.Height; y++)
            {
                for (var x = 1; x + 1 < box.Width; x++)
                {
                    if (box.Labels[(y * box.Width) + x] is > 0 and var label)
                    {
                        labels[((box.Corner.Y + y) * area.Width) + box.Corner.X + x] = first + label;
                    }
                }
            }
        }

        SKBitmap Part(Func<int, SKColor> colour) =>
            frame.Pixels((x, y) => colour((y * area.Width) + x));

        SKBitmap Map(Func<int, SKColor> colour) => frame.Pixels((x, y) => colour(area.At(maps, x, y)));

        SKColor RegionColour(int i) =>
            labels[i] == 0 ? new SKColor(240, 240, 240) : labels[i] == own ? new SKColor(255, 221, 60) : _regionColours[labels[i] % _regionColours.Length];

        IReadOnlyList<(double X, double Y)> Seeds()
        {
            // Of whole regions: one that the square cuts has its lowest place where it has it.
            var regions = new Dictionary<int, (int Floor, int Count, double X, double Y)>();
            for (var i = 0; i < labels.Length; i++)
            {
                if (labels[i] == 0)
                {
                    continue;
                }

                var (y, x) = Math.DivRem(i, area.Width);
                var known = regions.GetValueOrDefault(labels[i], (int.MaxValue, 0, 0, 0));
                regions[labels[i]] = relief[i] < known.Floor ? (relief[i], 1, x, y)
                    : relief[i] == known.Floor ? (known.Floor, known.Count + 1, known.X + x, known.Y + y)
                    : known;
            }

            return [.. regions.Values.Select(s => ((s.X / s.Count) + 0.5, (s.Y / s.Count) + 0.5))];
        }
    }

    /// <summary>A square around the nucleus, as far as the tile reaches.</summary>
    private static MapArea Window(Vector2[] outline, MapPlace place, double um, MapArea area)
    {
        var points = Array.ConvertAll(outline, place.Of);
        var (left, right) = (points.Min(p => p.X), points.Max(p => p.X));
        var (top, bottom) = (points.Min(p => p.Y), points.Max(p => p.Y));
        var wanted = Math.Max(Smallest / um, Math.Max(right - left, bottom - top) + (2 * Around / um));
        var side = (int)Math.Min(Math.Ceiling(wanted), Math.Min(area.Width, area.Height));
        return new MapArea(
            Math.Clamp((int)Math.Round(((left + right) / 2) - (side / 2.0)), 0, area.Width - side),
            Math.Clamp((int)Math.Round(((top + bottom) / 2) - (side / 2.0)), 0, area.Height - side),
            side,
            side);
    }

    /// <summary>The region that most of the nucleus's points in the middle lie in; 0 where none.</summary>
    private static int OwnLabel(int[] labels, int width, Vector2[] outline, MapPlace place)
    {
        var raster = new OutlineRaster();
        var ring = Array.ConvertAll(outline, p => place.Of(p) is var at ? OutlinePoint.Round(at.X, at.Y) : default);
        var votes = new Dictionary<int, int>();
        foreach (var run in raster.Fill(ring))
        {
            for (var x = Math.Max(0, run.From); x < Math.Min(width, run.To) && run.Y >= 0 && run.Y < labels.Length / width; x++)
            {
                var label = labels[(run.Y * width) + x];
                votes[label] = votes.GetValueOrDefault(label) + 1;
            }
        }

        return votes.Where(v => v.Key != 0).OrderByDescending(v => v.Value).ThenBy(v => v.Key).Select(v => v.Key).FirstOrDefault();
    }

    private static SKColor Grey(double share)
    {
        var level = (byte)Math.Round(255 * Math.Clamp(share, 0, 1));
        return new SKColor(level, level, level);
    }

    private static SKColor Signed(sbyte value)
    {
        var share = Math.Clamp(value / (double)NucleusMaps.HvScale, -1, 1);
        var (r, g, b) = share < 0 ? (33, 102, 172) : (178, 24, 43);
        share = Math.Abs(share);
        return new SKColor(Mixed(r), Mixed(g), Mixed(b));

        byte Mixed(int end) => (byte)Math.Round(247 + (share * (end - 247)));
    }
}
