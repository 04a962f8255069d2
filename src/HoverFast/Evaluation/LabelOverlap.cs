using System.Numerics;
using HoverFast.Labels;

namespace HoverFast.Evaluation;

/// <summary>
/// What two label images of one size share, found in one pass. Nuclei are numbered 0, 1, ... in the order in which a scan by rows
/// meets them, so that nothing depends on the labels' values.
/// </summary>
internal sealed class LabelOverlap
{
    private LabelOverlap(Side truth, Side predicted, IReadOnlyList<Pair> pairs)
    {
        Truth = truth;
        Predicted = predicted;
        Pairs = pairs;
    }

    /// <summary>The nuclei of the truth.</summary>
    public Side Truth { get; }

    /// <summary>The nuclei of the segmentation.</summary>
    public Side Predicted { get; }

    /// <summary>The pairs of nuclei that share pixels, by number of the true and then of the segmented nucleus.</summary>
    public IReadOnlyList<Pair> Pairs { get; }

    /// <summary>Counts.</summary>
    public static LabelOverlap Of(LabelImage truth, LabelImage predicted)
    {
        var a = new Side();
        var b = new Side();
        var shared = new Dictionary<(int, int), long>();
        for (var y = 0; y < truth.Height; y++)
        {
            var rowA = truth.Labels.AsSpan(y * truth.Width, truth.Width);
            var rowB = predicted.Labels.AsSpan(y * truth.Width, truth.Width);
            for (var x = 0; x < rowA.Length;)
            {
                // Runs of one pair of labels: nuclei are wide, so there are far fewer runs than pixels.
                var (la, lb) = (rowA[x], rowB[x]);
                var end = x + 1;
                while (end < rowA.Length && rowA[end] == la && rowB[end] == lb)
                {
                    end++;
                }

                var na = a.Add(la, x, end, y);
                var nb = b.Add(lb, x, end, y);
                if (na >= 0 && nb >= 0)
                {
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(shared, (na, nb), out _) += end - x;
                }

                x = end;
            }
        }

        return new LabelOverlap(a, b, [.. shared.OrderBy(p => p.Key).Select(p => new Pair(p.Key.Item1, p.Key.Item2, p.Value))]);
    }

    /// <summary>Pixels that either nucleus of a pair covers.</summary>
    public long Union(Pair pair) => Truth.Areas[pair.Truth] + Predicted.Areas[pair.Predicted] - pair.Shared;

    /// <summary>The pairs that are one nucleus: intersection over union above 0.5, so that none is in two pairs.</summary>
    public IEnumerable<Pair> Matches => Pairs.Where(pair => 2 * pair.Shared > Union(pair));

    /// <summary>Two nuclei that share pixels.</summary>
    public readonly record struct Pair(int Truth, int Predicted, long Shared);

    /// <summary>The nuclei of one image.</summary>
    public sealed class Side
    {
        private readonly Dictionary<int, int> _numbers = [];
        private readonly List<long> _areas = [];
        private readonly List<(double X, double Y)> _sums = [];

        /// <summary>How many nuclei.</summary>
        public int Count => _areas.Count;

        /// <summary>Pixels of each nucleus.</summary>
        public IReadOnlyList<long> Areas => _areas;

        /// <summary>The number of the nucleus that has this label.</summary>
        public int NumberOf(int label) => _numbers[label];

        /// <summary>Centroid of a nucleus in pixels, pixel (0,0)'s centre being (0.5, 0.5).</summary>
        public Vector2 Centroid(int nucleus) => new((float)(_sums[nucleus].X / _areas[nucleus]), (float)(_sums[nucleus].Y / _areas[nucleus]));

        /// <summary>Takes the pixels [from, to) of a row; gives the nucleus's number, or -1 for background.</summary>
        public int Add(int label, int from, int to, int y)
        {
            if (label <= 0)
            {
                return label == 0 ? -1 : throw new ArgumentException($"A label is negative ({label}); 0 is background and nuclei count from 1.");
            }

            if (!_numbers.TryGetValue(label, out var number))
            {
                number = _areas.Count;
                _numbers.Add(label, number);
                _areas.Add(0);
                _sums.Add(default);
            }

            long length = to - from;
            _areas[number] += length;
            var (sx, sy) = _sums[number];
            _sums[number] = (sx + (length * 0.5 * (from + to)), sy + (length * (y + 0.5)));
            return number;
        }
    }
}
