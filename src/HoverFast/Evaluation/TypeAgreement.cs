namespace HoverFast.Evaluation;

/// <summary>
/// How far detection and types of nuclei agree, as HoVer-Net measures it (Graham et al., MedIA 2019, and its compute_stats.py): nuclei are paired one to one
/// by their centroids (<see cref="CentroidAssignment"/>), within 3 um (12 pixels at 40x). Counts of several images add up.
/// </summary>
internal sealed class TypeAgreement
{
    /// <summary>How far apart the centroids of a pair may lie, in um.</summary>
    public const double Radius = 3;

    // By true type, then by found type; 0 is a type that isn't known.
    private readonly long[,] _pairs;
    private readonly long[] _missed;
    private readonly long[] _false;

    private TypeAgreement(IReadOnlyList<string> types)
    {
        Types = types;
        _pairs = new long[types.Count + 1, types.Count + 1];
        _missed = new long[types.Count + 1];
        _false = new long[types.Count + 1];
    }

    /// <summary>Names of the types.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>F1 of detection, F_d: nuclei of any type.</summary>
    public double Detection
    {
        get
        {
            var pairs = _pairs.Cast<long>().Sum();
            return Ratio(2 * pairs, (2 * pairs) + _missed.Sum() + _false.Sum());
        }
    }

    /// <summary>Share of the paired nuclei of known type that have their type.</summary>
    public double Accuracy
    {
        get
        {
            long right = 0, all = 0;
            for (var t = 1; t <= Types.Count; t++)
            {
                right += _pairs[t, t];
                all += Enumerable.Range(0, Types.Count + 1).Sum(f => _pairs[t, f]);
            }

            return Ratio(right, all);
        }
    }

    /// <summary>Mean of <see cref="OfType"/> over the types that the truth has.</summary>
    public double MeanOfTypes => Mean(OfType);

    /// <summary>Mean of <see cref="PlainOfType"/> over the types that the truth has.</summary>
    public double MeanPlain => Mean(PlainOfType);

    /// <summary>Counts one image.</summary>
    /// <param name="truth">True nuclei.</param>
    /// <param name="found">Nuclei found.</param>
    /// <param name="types">Names of the types, in the order of their numbers.</param>
    /// <param name="radius">How far apart a pair may lie, in pixels.</param>
    internal static TypeAgreement Of(IReadOnlyList<TypedNucleus> truth, IReadOnlyList<TypedNucleus> found, IReadOnlyList<string> types, double radius)
    {
        var counts = new TypeAgreement(types);
        var partners = CentroidAssignment.Partners([.. truth.Select(n => n.Centroid)], [.. found.Select(n => n.Centroid)], radius);
        var paired = new bool[truth.Count];
        for (var j = 0; j < found.Count; j++)
        {
            if (partners[j] < 0)
            {
                counts._false[found[j].Type]++;
                continue;
            }

            paired[partners[j]] = true;
            counts._pairs[truth[partners[j]].Type, found[j].Type]++;
        }

        for (var i = 0; i < truth.Count; i++)
        {
            counts._missed[truth[i].Type] += paired[i] ? 0 : 1;
        }

        return counts;
    }

    /// <summary>True nuclei of a type.</summary>
    /// <param name="type">Its number, from 1.</param>
    public long Truth(int type) => _missed[type] + Enumerable.Range(0, Types.Count + 1).Sum(f => _pairs[type, f]);

    /// <summary>Nuclei found as a type.</summary>
    /// <param name="type">Its number, from 1.</param>
    public long Found(int type) => _false[type] + Enumerable.Range(0, Types.Count + 1).Sum(t => _pairs[t, type]);

    /// <summary>Pairs by true and found type.</summary>
    /// <param name="truth">Number of the true type, from 1.</param>
    /// <param name="found">Number of the found type, from 1.</param>
    public long Pairs(int truth, int found) => _pairs[truth, found];

    /// <summary>HoVer-Net's F_c of a type: a pair of two types counts twice against both, a nucleus missed or false once against its own.</summary>
    /// <param name="type">Its number, from 1.</param>
    public double OfType(int type) => Score(type, 2);

    /// <summary>The plain F1 of a type: a nucleus counts as found where a nucleus of its own type lies.</summary>
    /// <param name="type">Its number, from 1.</param>
    public double PlainOfType(int type) => Score(type, 1);

    /// <summary>The counts of two images together; both know the same types.</summary>
    public static TypeAgreement operator +(TypeAgreement a, TypeAgreement b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var sum = new TypeAgreement(a.Types);
        for (var t = 0; t <= a.Types.Count; t++)
        {
            sum._missed[t] = a._missed[t] + b._missed[t];
            sum._false[t] = a._false[t] + b._false[t];
            for (var f = 0; f <= a.Types.Count; f++)
            {
                sum._pairs[t, f] = a._pairs[t, f] + b._pairs[t, f];
            }
        }

        return sum;
    }

    // Pairs whose true type isn't known count neither way.
    private double Score(int type, int confused)
    {
        var right = _pairs[type, type];
        long mixed = 0;
        for (var other = 0; other <= Types.Count; other++)
        {
            mixed += other == type ? 0 : _pairs[type, other] + (other == 0 ? 0 : _pairs[other, type]);
        }

        return Ratio(2 * right, (2 * right) + (confused * mixed) + _missed[type] + _false[type]);
    }

    private double Mean(Func<int, double> score)
    {
        var known = Enumerable.Range(1, Types.Count).Where(t => Truth(t) > 0).ToList();
        return known.Count == 0 ? double.NaN : known.Average(score);
    }

    private static double Ratio(long part, long whole) => whole == 0 ? double.NaN : part / (double)whole;
}
