using System.Globalization;
using System.Numerics;
using System.Text;
using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Evaluation;

/// <summary>
/// What a segmentation gets wrong, by kind: missed, merged, split, poor outline, false; and by the nuclei's size, darkness and crowding. Counts of several
/// images add up.
/// </summary>
internal sealed class ErrorTable
{
    /// <summary>Share of a nucleus from which another one covers it to speak of.</summary>
    private const double Noted = 0.2;

    /// <summary>Share of a nucleus that is most of it.</summary>
    private const double Most = 0.5;

    private static readonly double[] _sizes = [20, 40, 70];
    private static readonly double[] _luminances = [80, 110, 140];
    private static readonly double[] _distances = [6, 9, 14];

    private static readonly (string Title, string[] Groups)[] _groupings =
    [
        ("all", ["all"]),
        ("size, um2", Bins(_sizes)),
        ("luminance, 0 to 255", Bins(_luminances)),
        ("nearest neighbour, um", Bins(_distances)),
    ];

    // By grouping, group, kind.
    private readonly long[][,] _counts = [.. _groupings.Select(g => new long[g.Groups.Length, Enum.GetValues<NucleusError>().Length])];

    /// <summary>Counts an image.</summary>
    /// <param name="truth">The true nuclei.</param>
    /// <param name="predicted">The nuclei found, in pixels of the same picture.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="mpp">Its pixel size.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static ErrorTable Of(LabelImage truth, LabelImage predicted, RgbImage picture, Mpp mpp)
    {
        if (truth.Size != picture.Size || predicted.Size != picture.Size)
        {
            throw new ArgumentException($"The picture has {picture.Size} pixels, the truth {truth.Size}, the segmentation {predicted.Size}.", nameof(picture));
        }

        var table = new ErrorTable();
        var overlap = LabelOverlap.Of(truth, predicted);
        var (ofTruth, ofPredicted) = KindsOf(overlap);
        table.Add(overlap.Truth, ofTruth, truth, picture, mpp);
        table.Add(overlap.Predicted, ofPredicted, predicted, picture, mpp);
        return table;
    }

    /// <summary>Nuclei of a kind: true ones, but for false ones, which are found.</summary>
    public long Count(NucleusError kind) => _counts[0][0, (int)kind];

    /// <summary>Nuclei of a kind in a group.</summary>
    /// <param name="grouping">1 size, 2 luminance, 3 distance of the nearest neighbour.</param>
    /// <param name="group">The group, from the least.</param>
    /// <param name="kind">The kind.</param>
    public long Count(int grouping, int group, NucleusError kind) => _counts[grouping][group, (int)kind];

    /// <summary>The counts of two images together.</summary>
    public static ErrorTable operator +(ErrorTable a, ErrorTable b)
    {
        var sum = new ErrorTable();
        for (var g = 0; g < _groupings.Length; g++)
        {
            for (var i = 0; i < sum._counts[g].GetLength(0); i++)
            {
                for (var k = 0; k < sum._counts[g].GetLength(1); k++)
                {
                    sum._counts[g][i, k] = a._counts[g][i, k] + b._counts[g][i, k];
                }
            }
        }

        return sum;
    }

    /// <summary>A table for people; shares are of the group's true nuclei.</summary>
    public string ToTable()
    {
        var text = new StringBuilder();
        text.AppendLine("Errors                         true   right   missed   merged    split  outline    false");
        for (var g = 0; g < _groupings.Length; g++)
        {
            var (title, groups) = _groupings[g];
            for (var i = 0; i < groups.Length; i++)
            {
                var kinds = Enum.GetValues<NucleusError>().Select(k => _counts[g][i, (int)k]).ToArray();
                var all = kinds.Sum() - kinds[(int)NucleusError.False];
                var name = g == 0 ? title : $"{title} {groups[i]}";
                var wrong = string.Concat(kinds.Skip(1).Select((_, k) => $" {Share(k + 1)}"));
                text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{name,-27}{all,8}{Share(0)}{wrong}"));

                string Share(int kind) => all == 0 ? "       -" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * kinds[kind] / all,6:0.0} %");
            }
        }

        return text.ToString();
    }

    private static string[] Bins(double[] edges) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"< {edges[0]}"),
        .. edges.Zip(edges.Skip(1), (a, b) => string.Create(CultureInfo.InvariantCulture, $"{a} - {b}")),
        string.Create(CultureInfo.InvariantCulture, $">= {edges[^1]}"),
    ];

    private static (NucleusError?[] Truth, NucleusError?[] Predicted) KindsOf(LabelOverlap overlap)
    {
        var truth = new NucleusError?[overlap.Truth.Count];
        var predicted = new NucleusError?[overlap.Predicted.Count];
        var right = new bool[predicted.Length];
        foreach (var pair in overlap.Matches)
        {
            truth[pair.Truth] = NucleusError.None;
            right[pair.Predicted] = true;
        }

        var byTruth = overlap.Pairs.ToLookup(p => p.Truth);
        var byPredicted = overlap.Pairs.ToLookup(p => p.Predicted);
        for (var t = 0; t < truth.Length; t++)
        {
            truth[t] ??= KindOf(t);
        }

        // What lies on a true nucleus to speak of is told there.
        for (var p = 0; p < predicted.Length; p++)
        {
            if (!right[p] && byPredicted[p].All(pair => pair.Shared < Noted * Math.Min(overlap.Truth.Areas[pair.Truth], overlap.Predicted.Areas[p])))
            {
                predicted[p] = NucleusError.False;
            }
        }

        return (truth, predicted);

        NucleusError KindOf(int t)
        {
            // Found nuclei that lie mostly in it.
            var parts = byTruth[t].Where(p => p.Shared > Most * overlap.Predicted.Areas[p.Predicted]).ToList();
            if (parts.Count > 1 && parts.Sum(p => p.Shared) > Most * overlap.Truth.Areas[t])
            {
                return NucleusError.Split;
            }

            var cover = byTruth[t].OrderByDescending(p => p.Shared).FirstOrDefault();
            if (cover.Shared < Noted * overlap.Truth.Areas[t])
            {
                return NucleusError.Missed;
            }

            return byPredicted[cover.Predicted].Any(p => p.Truth != t && p.Shared > Most * overlap.Truth.Areas[p.Truth])
                ? NucleusError.Merged
                : NucleusError.PoorOutline;
        }
    }

    private void Add(LabelOverlap.Side side, NucleusError?[] kinds, LabelImage labels, RgbImage picture, Mpp mpp)
    {
        var luminance = Luminance(side, labels, picture);
        var nearest = Nearest([.. Enumerable.Range(0, side.Count).Select(side.Centroid)]);
        var um = mpp.MicronsPerPixel;
        for (var i = 0; i < kinds.Length; i++)
        {
            if (kinds[i] is not { } kind)
            {
                continue;
            }

            _counts[0][0, (int)kind]++;
            _counts[1][BinOf(_sizes, side.Areas[i] * um * um), (int)kind]++;
            _counts[2][BinOf(_luminances, luminance[i]), (int)kind]++;
            _counts[3][BinOf(_distances, nearest[i] * um), (int)kind]++;
        }
    }

    private static int BinOf(double[] edges, double value) => edges.TakeWhile(e => value >= e).Count();

    private static double[] Luminance(LabelOverlap.Side side, LabelImage labels, RgbImage picture)
    {
        var sums = new double[side.Count];
        for (var y = 0; y < picture.Height; y++)
        {
            var row = picture.Row(y);
            for (var x = 0; x < picture.Width; x++)
            {
                if (labels.Labels[(y * picture.Width) + x] is not 0 and var label)
                {
                    // Rec. 601.
                    sums[side.NumberOf(label)] += (0.299 * row[3 * x]) + (0.587 * row[(3 * x) + 1]) + (0.114 * row[(3 * x) + 2]);
                }
            }
        }

        return [.. sums.Select((sum, i) => sum / side.Areas[i])];
    }

    /// <summary>How far the nearest other place lies, in pixels.</summary>
    private static double[] Nearest(Vector2[] places)
    {
        // Along x, to either side, no nearer one can come once the distance in x alone is larger.
        var order = Enumerable.Range(0, places.Length).OrderBy(i => places[i].X).ToArray();
        var nearest = new double[places.Length];
        Array.Fill(nearest, double.PositiveInfinity);
        for (var i = 0; i < order.Length; i++)
        {
            Look(i, 1);
            Look(i, -1);
        }

        return nearest;

        void Look(int from, int step)
        {
            var place = places[order[from]];
            ref var least = ref nearest[order[from]];
            for (var j = from + step; j >= 0 && j < order.Length && Math.Abs(places[order[j]].X - place.X) <= least; j += step)
            {
                least = Math.Min(least, Vector2.Distance(place, places[order[j]]));
            }
        }
    }
}
