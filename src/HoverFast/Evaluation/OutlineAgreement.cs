using System.Numerics;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Slides;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Index.Strtree;

namespace HoverFast.Evaluation;

/// <summary>
/// Whether two results of one slide hold the same nuclei, outline by outline: the question to ask of another tile size, machine or version.
/// Outlines are not rasterised, so slides of any size can be compared.
/// </summary>
public sealed class OutlineAgreement
{
    /// <summary>
    /// Intersection over union of two outlines of one result from which on they are the same nucleus twice. Neighbours touch, and what lies in the hole of
    /// a ring is another nucleus.
    /// </summary>
    private const double Doubling = 0.5;

    /// <summary>Pairs of outlines whose boxes meet, for each outline and beyond: nuclei have a handful of neighbours.</summary>
    private const int NeighboursOfEach = 100;
    private const int FreePairs = 1_000_000;

    private static readonly MeasurementName[] _closest = [new("Closest IoU", "closest_iou", 3)];

    // Of the rest, in its order; null where label images were compared.
    private IReadOnlyList<Vector2[]>? _outlines;

    // Of the first result's nuclei that have a partner.
    private readonly IReadOnlyList<Vector2> _matched;

    private OutlineAgreement(
        int first,
        int second,
        IReadOnlyList<Vector2> matched,
        IReadOnlyList<DoubledOutline> doubled,
        IReadOnlyList<UnmatchedOutline> rest) =>
        (First, Second, _matched, Doubled, Rest) = (first, second, matched, doubled, rest);

    /// <summary>Nuclei of the first result.</summary>
    public int First { get; }

    /// <summary>Nuclei of the second result.</summary>
    public int Second { get; }

    /// <summary>Pairs, one nucleus of each result, whose outlines agree.</summary>
    public int Matched => _matched.Count;

    /// <summary>Pairs of nuclei within one result, either of them, that are the same nucleus twice: intersection over union above a half.</summary>
    public IReadOnlyList<DoubledOutline> Doubled { get; }

    /// <summary>The nuclei without a partner, those of the first result before those of the second.</summary>
    public IReadOnlyList<UnmatchedOutline> Rest { get; }

    /// <summary>The types of pairs, where both results name them: the most frequent first. Empty for results without types.</summary>
    public IReadOnlyList<TypePair> Types { get; private init; } = [];

    /// <summary>Whether outlines were compared, and not the pixels of label images.</summary>
    public bool HasOutlines => _outlines is not null;

    /// <summary>
    /// Writes the nuclei without a partner as QuPath's detections (GeoJSON, gzip where the name ends in <c>.gz</c>), classified: only in the first result (red),
    /// only in the second (blue), or drawn otherwise in both (yellow; IoU above a half). To be laid over the slide: where two models, or student and teacher,
    /// disagree.
    /// </summary>
    /// <param name="path">Where to; whole or not at all.</param>
    /// <exception cref="InvalidOperationException">Label images were compared, which have no outlines.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void WriteDifferences(string path)
    {
        var outlines = _outlines ?? throw new InvalidOperationException("Label images have no outlines to write.");
        NucleusClass[] classes = [new("Only in the first", 220, 30, 30), new("Only in the second", 40, 80, 230), new("Drawn otherwise", 235, 200, 0)];
        using var writer = new NucleusWriter([new GeoJsonOutput(path, _closest, classes)], "differences"u8);
        foreach (var (nucleus, outline) in Rest.Zip(outlines))
        {
            var found = new Nucleus(outline)
            {
                Centroid = nucleus.Centroid,
                Area = nucleus.Area,
                MeanProbability = float.NaN,
                BoundaryConfidence = float.NaN,
                Type = nucleus.BestIou > Doubling ? 3 : nucleus.InSecond ? 2 : 1,
            };
            writer.Add(found, [(float)nucleus.BestIou]);
        }

        writer.Complete();
    }

    /// <summary>Where over the slide the results disagree, in fields of <see cref="DifferenceFields.Side"/> microns.</summary>
    /// <param name="mpp">Microns in a pixel of the results.</param>
    public DifferenceFields Fields(double mpp)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mpp);
        var fields = new SortedDictionary<(int Row, int Column), DifferenceField>();
        foreach (var place in _matched)
        {
            Count(place, f => f with { Matched = f.Matched + 1 });
        }

        foreach (var nucleus in Rest)
        {
            Count(nucleus.Centroid, f => f with
            {
                FirstAlone = f.FirstAlone + (nucleus.InSecond ? 0 : 1),
                SecondAlone = f.SecondAlone + (nucleus.InSecond ? 1 : 0),
                DrawnOtherwise = f.DrawnOtherwise + (nucleus.BestIou > Doubling ? 1 : 0),
            });
        }

        return new DifferenceFields([.. fields.Values], mpp);

        void Count(Vector2 place, Func<DifferenceField, DifferenceField> add)
        {
            // Outlines of other programs may reach beyond the slide.
            var (column, row) = ((int)Math.Max(0, place.X * mpp / DifferenceFields.Side), (int)Math.Max(0, place.Y * mpp / DifferenceFields.Side));
            fields[(row, column)] = add(fields.TryGetValue((row, column), out var known) ? known : new DifferenceField(column, row, 0, 0, 0, 0));
        }
    }

    /// <summary>Matched pairs as a share of the larger result; 1 where both are empty.</summary>
    public double Share => Math.Max(First, Second) is var most and > 0 ? (double)Matched / most : 1;

    /// <summary>Compares outlines.</summary>
    /// <param name="first">Outlines of one result, open rings.</param>
    /// <param name="second">Outlines of the other, in the same pixels.</param>
    /// <exception cref="InvalidDataException">They are no nuclei of one slide: too many lie on each other, or one crosses itself again and again.</exception>
    /// <param name="leastIou">Two outlines agree where intersection over union is above this; at least 0.5, so that no nucleus has two partners.</param>
    public static OutlineAgreement Of(IReadOnlyList<Vector2[]> first, IReadOnlyList<Vector2[]> second, double leastIou = 0.9)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Of([.. first.Select(o => (o, (string?)null))], [.. second.Select(o => (o, (string?)null))], leastIou);
    }

    private static OutlineAgreement Of(
        IReadOnlyList<(Vector2[] Outline, string? Type)> first,
        IReadOnlyList<(Vector2[] Outline, string? Type)> second,
        double leastIou)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(leastIou, 0.5);
        var pairs = new PairBudget(FreePairs + (NeighboursOfEach * ((long)first.Count + second.Count)));
        var (a, b) = (new Side(first.Select(n => n.Outline), pairs), new Side(second.Select(n => n.Outline), pairs));
        var taken = new bool[second.Count];
        var matched = new List<Vector2>();
        var rest = new List<UnmatchedOutline>();
        var outlines = new List<Vector2[]>();
        var called = new Dictionary<(string First, string Second), int>();
        for (var i = 0; i < a.Shapes.Length; i++)
        {
            var (partner, iou) = b.Closest(a.Shapes[i]);

            // Where both hold a nucleus twice, each of one has its like in the other.
            if (partner >= 0 && iou > leastIou && taken[partner] && b.Closest(a.Shapes[i], taken) is var (other, next) && next > leastIou)
            {
                partner = other;
            }

            if (partner >= 0 && iou > leastIou && !taken[partner])
            {
                taken[partner] = true;
                matched.Add(CentroidOf(a.Shapes[i]));
                if (first[i].Type is { } inFirst && second[partner].Type is { } inSecond)
                {
                    called[(inFirst, inSecond)] = called.GetValueOrDefault((inFirst, inSecond)) + 1;
                }
            }
            else
            {
                rest.Add(Unmatched(a.Shapes[i], false, iou));
                outlines.Add(first[i].Outline);
            }
        }

        foreach (var j in Enumerable.Range(0, taken.Length).Where(j => !taken[j]))
        {
            rest.Add(Unmatched(b.Shapes[j], true, a.Closest(b.Shapes[j]).Iou));
            outlines.Add(second[j].Outline);
        }

        return new OutlineAgreement(first.Count, second.Count, matched, [.. a.Doubled(false), .. b.Doubled(true)], rest)
        {
            _outlines = outlines,
            Types =
            [
                .. called
                    .Select(c => new TypePair(c.Key.First, c.Key.Second, c.Value))
                    .OrderByDescending(t => t.Nuclei)
                    .ThenBy(t => t.First, StringComparer.Ordinal)
                    .ThenBy(t => t.Second, StringComparer.Ordinal),
            ],
        };
    }

    /// <summary>
    /// Compares the nuclei of two files: outlines (<see cref="OutlineFile"/>) or label images. Where one is a label image, pixels are compared.
    /// </summary>
    /// <param name="first">File of one result.</param>
    /// <param name="second">File of the other, in the same pixels.</param>
    /// <param name="leastIou">As for <see cref="Of(IReadOnlyList{Vector2[]}, IReadOnlyList{Vector2[]}, double)"/>.</param>
    /// <exception cref="SlideException">A file can't be read, or label images differ in size.</exception>
    public static OutlineAgreement OfFiles(string first, string second, double leastIou = 0.9)
    {
        if (OutlineFile.IsOutlines(first) && OutlineFile.IsOutlines(second))
        {
            return Of(OutlineFile.ReadTyped(first), OutlineFile.ReadTyped(second), leastIou);
        }

        var (a, b) = LabelImageFile.ReadPair(first, second);
        return Of(a, b, leastIou);
    }

    /// <summary>Compares label images of one size. Labels share no pixels, so no nucleus is doubled.</summary>
    public static OutlineAgreement Of(LabelImage first, LabelImage second, double leastIou = 0.9)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfLessThan(leastIou, 0.5);
        var overlap = LabelOverlap.Of(first, second);
        var best = (First: new double[overlap.Truth.Count], Second: new double[overlap.Predicted.Count]);
        foreach (var pair in overlap.Pairs)
        {
            var iou = (double)pair.Shared / overlap.Union(pair);
            best.First[pair.Truth] = Math.Max(best.First[pair.Truth], iou);
            best.Second[pair.Predicted] = Math.Max(best.Second[pair.Predicted], iou);
        }

        // Above a half no nucleus has two partners.
        List<UnmatchedOutline> rest = [.. Unmatched(overlap.Truth, best.First, false, leastIou), .. Unmatched(overlap.Predicted, best.Second, true, leastIou)];
        List<Vector2> matched = [.. Enumerable.Range(0, overlap.Truth.Count).Where(i => best.First[i] > leastIou).Select(overlap.Truth.Centroid)];
        return new OutlineAgreement(overlap.Truth.Count, overlap.Predicted.Count, matched, [], rest);
    }

    private static IEnumerable<UnmatchedOutline> Unmatched(LabelOverlap.Side side, double[] best, bool second, double leastIou) =>
        Enumerable.Range(0, best.Length).Where(i => best[i] <= leastIou).Select(i => new UnmatchedOutline(second, side.Centroid(i), side.Areas[i], best[i]));

    private static UnmatchedOutline Unmatched(Geometry shape, bool second, double iou) =>
        new(second, CentroidOf(shape), shape.Area, iou);

    private static Vector2 CentroidOf(Geometry shape) => new((float)shape.Centroid.X, (float)shape.Centroid.Y);

    /// <summary>The outlines of one result, to be asked for what lies where.</summary>
    private sealed class Side
    {
        private const int MostPoints = 20_000;
        private const int MostCrossings = 64;
        private static readonly GeometryFactory _factory = new();
        private readonly STRtree<int> _places = new();

        private readonly PairBudget _pairs;

        public Side(IEnumerable<Vector2[]> outlines, PairBudget pairs)
        {
            _pairs = pairs;
            Shapes = [.. outlines.Select(ToShape)];
            for (var i = 0; i < Shapes.Length; i++)
            {
                _places.Insert(Shapes[i].EnvelopeInternal, i);
            }
        }

        public Geometry[] Shapes { get; }

        /// <summary>The outline that agrees best with a shape, or -1.</summary>
        /// <param name="shape">The shape.</param>
        /// <param name="except">Which outlines are passed over; null for none.</param>
        public (int Index, double Iou) Closest(Geometry shape, bool[]? except = null)
        {
            var best = (Index: -1, Iou: 0.0);
            foreach (var i in Near(shape))
            {
                if (except?[i] == true || MostIou(Shapes[i], shape) < best.Iou || (best.Iou >= 1 && i > best.Index))
                {
                    continue;
                }

                var iou = Iou(Shapes[i], shape);
                if (iou > best.Iou || (iou == best.Iou && iou > 0 && i < best.Index))
                {
                    best = (i, iou);
                }
            }

            return best;
        }

        public IEnumerable<DoubledOutline> Doubled(bool second)
        {
            for (var i = 0; i < Shapes.Length; i++)
            {
                foreach (var j in Near(Shapes[i]))
                {
                    if (j > i && MostIou(Shapes[i], Shapes[j]) > Doubling && Iou(Shapes[i], Shapes[j]) is var iou and > Doubling)
                    {
                        yield return new DoubledOutline(second, CentroidOf(Shapes[i]), CentroidOf(Shapes[j]), iou);
                    }
                }
            }
        }

        private IList<int> Near(Geometry shape)
        {
            var near = _places.Query(shape.EnvelopeInternal);
            _pairs.Take(near.Count);
            return near;
        }

        /// <summary>What intersection over union can be at most, by boxes and areas: spares most intersections.</summary>
        private static double MostIou(Geometry a, Geometry b) =>
            Math.Min(a.EnvelopeInternal.Intersection(b.EnvelopeInternal).Area, Math.Min(a.Area, b.Area)) / Math.Max(a.Area, b.Area);

        private static double Iou(Geometry a, Geometry b)
        {
            if (a.EqualsExact(b))
            {
                return 1;
            }

            if (a.Area == 0 || b.Area == 0)
            {
                return 0;
            }

            var shared = a.Intersection(b).Area;
            return shared / (a.Area + b.Area - shared);
        }

        private static Geometry ToShape(Vector2[] outline)
        {
            // A crossing costs the repair of an outline, and all crossings of one with another are points of what they share.
            if (outline.Length > MostPoints)
            {
                throw new InvalidDataException($"an outline has {outline.Length} points; nuclei have fewer than {MostPoints}.");
            }

            var corners = new Coordinate[outline.Length + 1];
            for (var i = 0; i < outline.Length; i++)
            {
                corners[i] = new Coordinate(outline[i].X, outline[i].Y);
            }

            corners[^1] = corners[0].Copy();
            var shape = _factory.CreatePolygon(corners);
            if (shape.IsValid)
            {
                return shape;
            }

            if (CrossesItself(outline) > MostCrossings)
            {
                throw new InvalidDataException($"an outline crosses itself more than {MostCrossings} times; it is none of a nucleus.");
            }

            // One without area stays as it is: mended, nothing would be left, not even a place.
            var mended = GeometryFixer.Fix(shape);
            return mended.IsEmpty ? shape : mended;
        }

        // Up to the first one too many.
        private static int CrossesItself(Vector2[] outline)
        {
            var crossings = 0;
            for (var i = 0; i < outline.Length && crossings <= MostCrossings; i++)
            {
                var (a, b) = (outline[i], outline[(i + 1) % outline.Length]);
                for (var j = i + 2; j < outline.Length && crossings <= MostCrossings; j++)
                {
                    var (c, d) = (outline[j], outline[(j + 1) % outline.Length]);
                    if (Math.Min(a.X, b.X) <= Math.Max(c.X, d.X) && Math.Min(c.X, d.X) <= Math.Max(a.X, b.X)
                        && Turn(a, b, c) * Turn(a, b, d) < 0 && Turn(c, d, a) * Turn(c, d, b) < 0)
                    {
                        crossings++;
                    }
                }
            }

            return crossings;

            static double Turn(Vector2 a, Vector2 b, Vector2 c) => (((double)b.X - a.X) * ((double)c.Y - a.Y)) - (((double)b.Y - a.Y) * ((double)c.X - a.X));
        }
    }

    /// <summary>Counts pairs that are looked at, and says where they grow beyond what nuclei can have.</summary>
    private sealed class PairBudget(long most)
    {
        private long _left = most;

        public void Take(int pairs)
        {
            _left -= pairs;
            if (_left < 0)
            {
                throw new InvalidDataException("the outlines lie on each other by the hundred; they are no nuclei of one slide.");
            }
        }
    }
}
