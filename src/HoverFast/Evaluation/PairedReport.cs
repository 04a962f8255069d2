using System.Globalization;
using System.Text.Json;

namespace HoverFast.Evaluation;

/// <summary>Two models on the same images. Differences are taken image by image, so that easy and hard images don't blur them.</summary>
/// <param name="Name">Name of the set.</param>
/// <param name="Images">Its images.</param>
public sealed record PairedReport(string Name, IReadOnlyList<PairedScore> Images)
{
    private static readonly (string Key, string Title, Func<SegmentationScore, double> Of)[] _figures =
    [
        ("pq", "PQ", s => s.PanopticQuality),
        ("dice", "Dice", s => s.Dice),
        ("aji", "AJI", s => s.Aji),
        ("f1", "DQ (F1)", s => s.DetectionQuality),
    ];

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Scores of the first model.</summary>
    public EvaluationReport First { get; } = new(Images.Select(i => (i.Name, i.First)));

    /// <summary>Scores of the second model.</summary>
    public EvaluationReport Second { get; } = new(Images.Select(i => (i.Name, i.Second)));

    /// <summary>Mean gain of panoptic quality over the images, with its interval.</summary>
    public BootstrapInterval Gain => Difference(s => s.PanopticQuality);

    /// <summary>Mean over the images of a figure of the second model less that of the first, with the bootstrap interval of that mean.</summary>
    /// <param name="figure">The figure.</param>
    public BootstrapInterval Difference(Func<SegmentationScore, double> figure)
    {
        ArgumentNullException.ThrowIfNull(figure);
        return BootstrapInterval.Of(Images.Select(i => i.Difference(figure)));
    }

    /// <summary>
    /// Gain of panoptic quality over all nuclei of the images together, with the bootstrap interval over images: steadier than <see cref="Gain"/> where images
    /// hold few nuclei.
    /// </summary>
    public BootstrapInterval PooledGain => BootstrapInterval.Of(Images, drawn =>
        drawn.Select(i => i.Second).Aggregate((a, b) => a + b).PanopticQuality - drawn.Select(i => i.First).Aggregate((a, b) => a + b).PanopticQuality);

    /// <summary>Pairs the scores of two models.</summary>
    /// <param name="name">Name of the set.</param>
    /// <param name="first">Scores of the first.</param>
    /// <param name="second">Scores of the second, on the same images in the same order.</param>
    /// <exception cref="ArgumentException">The images differ.</exception>
    public static PairedReport Of(string name, EvaluationReport first, EvaluationReport second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return first.Images.Select(i => i.Name).SequenceEqual(second.Images.Select(i => i.Name))
            ? new PairedReport(name, [.. first.Images.Zip(second.Images, (a, b) => new PairedScore(a.Name, a.Score, b.Score))])
            : throw new ArgumentException("The two reports are about different images.", nameof(second));
    }

    /// <summary>The figures of both models, their differences with intervals, and which is better, for people.</summary>
    /// <param name="a">What the first model is called.</param>
    /// <param name="b">What the second model is called.</param>
    /// <param name="perImage">Whether each image is listed.</param>
    public string ToTable(string a, string b, bool perImage = false)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"A: {a}\nB: {b}\n{Images.Count} images\n");
        if (perImage)
        {
            var width = Math.Max(5, Images.Max(i => i.Name.Length));
            text.WriteLine($"{"Image".PadRight(width)}    PQ of A    PQ of B      B - A");
            foreach (var image in Images)
            {
                text.WriteLine(
                    $"{image.Name.PadRight(width)}  {Number(image.First.PanopticQuality), 9}  {Number(image.Second.PanopticQuality), 9}  {Signed(image.Gain), 9}");
            }

            text.WriteLine();
        }

        text.WriteLine("Figure        A        B    B - A   95 % interval");
        foreach (var (_, title, of) in _figures)
        {
            var difference = Difference(of);
            var interval = $"{Signed(difference.Low)} to {Signed(difference.High)}";
            text.WriteLine($"{title,-8} {Number(MeanOfFirst(of)),6}   {Number(MeanOfSecond(of)),6}  {Signed(difference.Mean),7}   {interval}");
        }

        var pq = Gain;
        text.WriteLine(Images.Count < 2 ? "One image: no interval can be given."
            : pq.Low > 0 ? "B is better on such tiles (PQ)."
            : pq.High < 0 ? "A is better on such tiles (PQ)."
            : "These tiles don't tell which is better (the interval of PQ holds 0).");
        return text.ToString();
    }

    /// <summary>The same as JSON.</summary>
    /// <param name="a">What the first model is called.</param>
    /// <param name="b">What the second model is called.</param>
    public string ToJson(string a, string b) =>
        JsonSerializer.Serialize(
            new
            {
                a,
                b,
                images = Images.Count,
                figures = _figures.ToDictionary(
                    f => f.Key,
                    f =>
                        Difference(f.Of) is var d
                            ? new
                            {
                                a = Round(MeanOfFirst(f.Of)),
                                b = Round(MeanOfSecond(f.Of)),
                                difference = Round(d.Mean),
                                low = Round(d.Low),
                                high = Round(d.High),
                            }
                            : null),
                perImage = Images.Select(i => new
                {
                    i.Name,
                    a = Round(i.First.PanopticQuality),
                    b = Round(i.Second.PanopticQuality),
                }),
            },
            _json
        ) + "\n";

    // Over the images that the difference is over, and counted as it counts them.
    private double MeanOfFirst(Func<SegmentationScore, double> figure) =>
        BootstrapInterval.Of(Images.Select(i => PairedScore.Judged(i.First, i.Second, figure))).Mean;

    private double MeanOfSecond(Func<SegmentationScore, double> figure) =>
        BootstrapInterval.Of(Images.Select(i => PairedScore.Judged(i.Second, i.First, figure))).Mean;

    private static double? Round(double value) => double.IsNaN(value) ? null : Math.Round(value, 5);

    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => double.IsNaN(value) ? "-" : value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);
}
