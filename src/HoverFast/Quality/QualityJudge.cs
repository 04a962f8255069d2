using System.Globalization;

namespace HoverFast.Quality;

/// <summary>Judges slides and fields by what was seen in them. Thread safe.</summary>
internal sealed class QualityJudge
{
    /// <summary>Pixels sampled below which nothing can be said of a field.</summary>
    public const long FewPixels = 400;

    /// <summary>Expected PQ below which a result is to be looked at.</summary>
    private const double LowPq = 0.4;

    /// <summary>Shift from which on a slide is another kind of picture, and from which on it is nothing known.</summary>
    private const double FarShift = 1.5;
    private const double StrangeShift = 2.2;

    /// <summary>Standard deviations from which on a difference is told, and how many are.</summary>
    private const double Notable = 2.5;
    private const int MostDifferences = 3;

    /// <summary>What is watched from slide to slide: stain, focus, size, density and confidence.</summary>
    private static readonly string[] _watched = ["red", "green", "blue", "sharpness", "grain", "area", "density", "boundary", "match"];

    private static readonly Lazy<QualityJudge> _builtIn = new(() =>
        new QualityJudge(
            QualityJson.ReadResource(AccuracyFile, QualityJson.Relaxed.AccuracyCard),
            QualityJson.ReadResource(ShiftFile, QualityJson.Relaxed.ShiftCard)));

    private readonly AccuracyCard _accuracy;
    private readonly ShiftCard _shift;
    private readonly int[] _accuracyPlaces;
    private readonly FigureScale _shiftScale;

    /// <summary>Makes a judge of given numbers.</summary>
    /// <exception cref="InvalidDataException">A card names a figure that there is none of.</exception>
    public QualityJudge(AccuracyCard accuracy, ShiftCard shift)
    {
        (_accuracy, _shift) = (accuracy, shift);
        _accuracyPlaces = [.. accuracy.Inputs.Select(i => FieldFeatures.PlaceOf(i.Name))];
        _shiftScale = new FigureScale(shift.Inputs);
    }

    /// <summary>The file of <see cref="AccuracyCard"/>.</summary>
    public const string AccuracyFile = "expected-accuracy.json";

    /// <summary>The file of <see cref="ShiftCard"/>.</summary>
    public const string ShiftFile = "domain-shift.json";

    /// <summary>The judge whose numbers come with the library.</summary>
    public static QualityJudge BuiltIn => _builtIn.Value;

    /// <summary>What accuracy is expected.</summary>
    public AccuracyCard Accuracy => _accuracy;

    /// <summary>What the students learned.</summary>
    public ShiftCard ShiftNumbers => _shift;

    /// <summary>Judges a slide or a field.</summary>
    /// <param name="sums">What was seen.</param>
    public SlideQuality Judge(FieldSums sums)
    {
        if (sums[FieldNumber.Pixels] < FewPixels)
        {
            return new SlideQuality
            {
                ExpectedPq = null,
                ExpectedPqLow = null,
                ExpectedPqHigh = null,
                ExpectedDice = null,
                Shift = null,
                Advice = QualityAdvice.Look,
                Differences = ["hardly any tissue"],
            };
        }

        var figures = FieldFeatures.Of(sums);
        var shift = Shift(figures);
        var pq = ExpectedPq(figures);
        return new SlideQuality
        {
            ExpectedPq = Rounded(pq),
            ExpectedPqLow = Rounded(Math.Clamp(pq + _accuracy.PqBelow, 0, 1)),
            ExpectedPqHigh = Rounded(Math.Clamp(pq + _accuracy.PqAbove, 0, 1)),
            ExpectedDice = Rounded(ExpectedDice(figures)),
            Shift = Math.Round(shift, 2),
            Advice = shift > StrangeShift || sums[FieldNumber.Nuclei] == 0 ? QualityAdvice.Refuse
                : shift > FarShift ? QualityAdvice.Adapt
                : shift > 1 || pq < LowPq ? QualityAdvice.Look
                : QualityAdvice.Trust,
            Figures = _watched.ToDictionary(name => name, name => Rounded(figures[FieldFeatures.PlaceOf(name)]), StringComparer.Ordinal),
            Differences = Differences(figures, sums[FieldNumber.Nuclei] == 0),
        };
    }

    /// <summary>Expected PQ of figures.</summary>
    public double ExpectedPq(double[] figures) => Estimate(figures, _accuracy.PqConstant, static i => i.Pq);

    /// <summary>Expected Dice of figures.</summary>
    public double ExpectedDice(double[] figures) => Estimate(figures, _accuracy.DiceConstant, static i => i.Dice);

    /// <summary>The shift of figures: Mahalanobis distance from what students learned, in units of the threshold.</summary>
    public double Shift(double[] figures) =>
        Math.Sqrt(Math.Max(0, FigureScale.Distance(_shiftScale.Of(figures), mean: null, _shift.Precision))) / _shift.Threshold;

    private double Estimate(double[] figures, double constant, Func<AccuracyInput, double> weight)
    {
        var sum = constant;
        for (var i = 0; i < _accuracyPlaces.Length; i++)
        {
            var input = _accuracy.Inputs[i];
            sum += weight(input) * Math.Clamp((figures[_accuracyPlaces[i]] - input.Mean) / input.Deviation, -_accuracy.Limit, _accuracy.Limit);
        }

        return Math.Clamp(sum, 0, 1);
    }

    private List<string> Differences(double[] figures, bool noNuclei)
    {
        var scaled = _shiftScale.Of(figures);
        var told = noNuclei ? ["no nuclei were found"] : new List<string>();
        foreach (
            var i in Enumerable.Range(0, scaled.Length).Where(i => Math.Abs(scaled[i]) >= Notable).OrderByDescending(i => Math.Abs(scaled[i])).ThenBy(i => i))
        {
            var (figure, usual) = (figures[_shiftScale.Places[i]], _shift.Inputs[i].Mean);
            if (Words(_shift.Inputs[i].Name, figure, usual) is { } words
                && !told.Contains(words)
                && told.Count < MostDifferences
                && (!noNuclei || !IsOfNuclei(_shift.Inputs[i].Name)))
            {
                told.Add(words);
            }
        }

        return told;
    }

    private static bool IsOfNuclei(string name) => name is "match" or "density" || NucleusEvidence.Names.Contains(name);

    private static string? Words(string name, double figure, double usual)
    {
        var more = figure > usual;
        return name switch
        {
            "red" => Percent(more ? "darker haematoxylin" : "paler haematoxylin", figure, usual),
            "green" => Percent(more ? "darker stain" : "paler stain", figure, usual),
            "blue" => Percent(more ? "more yellow or brown" : "less yellow or brown", figure, usual),
            "stainHue" or "hue" => more ? "bluer colours" : "redder or browner colours",
            "stainSpread" => more ? "stronger contrast" : "weaker contrast",
            "redGreen" => more ? "one stain instead of two" : "colours that vary apart",
            "redBlue" => more ? "one stain instead of two" : "colours that vary apart",
            "steps" or "sharpness" => more ? "sharper, or noisier" : "blurred",
            "grain" => more ? "noisy" : "smooth, as blurred or strongly compressed pictures are",
            "area" => string.Create(CultureInfo.InvariantCulture, $"nuclei of {Math.Exp(figure - usual):0.0} times the usual area"),
            "density" => more ? "more nuclei" : "fewer nuclei",
            "contrast" => more ? "nuclei stand out more" : "nuclei stand out less",
            "step" => more ? "sharper edges of nuclei" : "soft edges of nuclei",
            "boundary" or "localBoundary" => more ? "clearer boundaries" : "the network is unsure of boundaries",
            "probability" or "localProbability" or "doubt" or "core" => "the network is unsure of nuclei",
            "stained" => more ? "denser tissue" : "sparser tissue",
            _ => null,
        };
    }

    private static string Percent(string words, double figure, double usual) => usual <= 0 ? words
        : string.Create(CultureInfo.InvariantCulture, $"{words} ({(figure / usual * 100) - 100:+0;-0} %)");

    private static double Rounded(double value) => Math.Round(value, 3);
}
