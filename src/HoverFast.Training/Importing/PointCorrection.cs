using System.Numerics;
using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Training.Importing;

/// <summary>
/// Outlines of a model, corrected by the points that people set in the middle of nuclei: an outline that holds several is divided among them; one without a
/// point that is paler than most with one is no nucleus, as people saw it. Darker ones without a point, and points without an outline, leave their pixels
/// unsure.
/// </summary>
/// <param name="Labels">The nuclei, 1 to N.</param>
/// <param name="Unsure">One byte a pixel: not 0 where nothing is to be learned, around points without an outline and in dark outlines without a point.</param>
/// <param name="Divided">Outlines that held several points.</param>
/// <param name="Pale">Pale outlines without a point, which are background now.</param>
/// <param name="Dark">Dark outlines without a point.</param>
/// <param name="Missed">Points without an outline.</param>
internal sealed record PointCorrection(LabelImage Labels, LabelImage Unsure, int Divided, int Pale, int Dark, int Missed)
{
    /// <summary>Points that are nearer to each other belong to one nucleus, in um.</summary>
    private const double Apart = 2.5;

    /// <summary>What is unsure around a point that has no outline, in um.</summary>
    private const double Around = 5;

    /// <summary>A part below this size is none, in square um.</summary>
    private const double LeastPart = 3;

    /// <summary>Corrects a tile.</summary>
    /// <param name="outlines">The model's nuclei.</param>
    /// <param name="picture">The tile.</param>
    /// <param name="points">The points, in pixels.</param>
    /// <param name="micronsPerPixel">Pixel size.</param>
    /// <param name="reach">How far from its outline a point may lie, in um.</param>
    public static PointCorrection Of(LabelImage outlines, RgbImage picture, IReadOnlyList<Vector2> points, double micronsPerPixel, double reach)
    {
        var owners = PointOwners.Of(outlines, points, reach / micronsPerPixel);
        var labels = new LabelImage(outlines.Width, outlines.Height);
        var unsure = new LabelImage(outlines.Width, outlines.Height);
        var (divided, pale, dark, next) = (0, 0, 0, 1);
        var all = Pixels(outlines);
        var usual = Median([.. all.Where(p => owners.Points.ContainsKey(p.Key)).Select(p => Luminance(picture, p.Value))]);
        foreach (var pixels in all)
        {
            var seeds = owners.Points.TryGetValue(pixels.Key, out var own) ? Distinct([.. own.Select(i => points[i])], Apart / micronsPerPixel) : [];
            if (seeds.Count == 0)
            {
                if (Luminance(picture, pixels.Value) > usual)
                {
                    pale++;
                }
                else
                {
                    dark++;
                    Mark(pixels.Value);
                }

                continue;
            }

            divided += seeds.Count > 1 ? 1 : 0;
            foreach (var part in Divide(pixels.Value, seeds, outlines.Width))
            {
                if (seeds.Count > 1 && part.Count * micronsPerPixel * micronsPerPixel < LeastPart)
                {
                    Mark(part);
                    continue;
                }

                foreach (var at in part)
                {
                    labels.Labels[at] = next;
                }

                next++;
            }
        }

        foreach (var point in owners.Missed)
        {
            MarkAround(outlines, unsure, points[point], Around / micronsPerPixel);
        }

        return new PointCorrection(labels, unsure, divided, pale, dark, owners.Missed.Count);

        void Mark(List<int> pixels) => pixels.ForEach(at => unsure.Labels[at] = 1);
    }

    private static SortedDictionary<int, List<int>> Pixels(LabelImage outlines)
    {
        var pixels = new SortedDictionary<int, List<int>>();
        for (var at = 0; at < outlines.Labels.Length; at++)
        {
            if (outlines.Labels[at] is not 0 and var label)
            {
                if (!pixels.TryGetValue(label, out var own))
                {
                    pixels[label] = own = [];
                }

                own.Add(at);
            }
        }

        return pixels;
    }

    private static double Luminance(RgbImage picture, List<int> pixels) =>
        pixels.Average(at => (0.299 * picture.Pixels[3 * at]) + (0.587 * picture.Pixels[(3 * at) + 1]) + (0.114 * picture.Pixels[(3 * at) + 2]));

    private static double Median(List<double> values)
    {
        values.Sort();
        return values.Count == 0 ? double.PositiveInfinity : values[values.Count / 2];
    }

    private static List<Vector2> Distinct(List<Vector2> points, double apart)
    {
        var kept = new List<Vector2>();
        foreach (var point in points)
        {
            if (kept.TrueForAll(k => Vector2.Distance(k, point) >= apart))
            {
                kept.Add(point);
            }
        }

        return kept;
    }

    private static List<int>[] Divide(List<int> pixels, List<Vector2> seeds, int width)
    {
        var parts = new List<int>[seeds.Count];
        for (var s = 0; s < parts.Length; s++)
        {
            parts[s] = [];
        }

        foreach (var at in pixels)
        {
            var place = new Vector2((at % width) + 0.5f, (at / width) + 0.5f);
            var nearest = 0;
            for (var s = 1; s < seeds.Count; s++)
            {
                nearest = Vector2.DistanceSquared(seeds[s], place) < Vector2.DistanceSquared(seeds[nearest], place) ? s : nearest;
            }

            parts[nearest].Add(at);
        }

        return parts;
    }

    private static void MarkAround(LabelImage outlines, LabelImage unsure, Vector2 point, double radius)
    {
        for (var y = Math.Max(0, (int)(point.Y - radius)); y <= Math.Min(outlines.Height - 1, (int)(point.Y + radius)); y++)
        {
            for (var x = Math.Max(0, (int)(point.X - radius)); x <= Math.Min(outlines.Width - 1, (int)(point.X + radius)); x++)
            {
                var at = (y * outlines.Width) + x;
                if (outlines.Labels[at] == 0 && Vector2.Distance(point, new Vector2(x + 0.5f, y + 0.5f)) <= radius)
                {
                    unsure.Labels[at] = 1;
                }
            }
        }
    }
}
