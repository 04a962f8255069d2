using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HoverFast.Slides;

namespace HoverFast.Evaluation;

/// <summary>The agreement of many images: each image's figures, means with 95 % intervals, and pooled figures.</summary>
public sealed class EvaluationReport
{
    private static readonly (string Key, string Title, Func<SegmentationScore, double> Of)[] _figures =
    [
        ("dice", "Dice", s => s.Dice),
        ("aji", "AJI", s => s.Aji),
        ("dq", "DQ (F1)", s => s.DetectionQuality),
        ("sq", "SQ", s => s.SegmentationQuality),
        ("pq", "PQ", s => s.PanopticQuality),
        ("precision", "Precision", s => s.Precision),
        ("recall", "Recall", s => s.Recall),
        ("centroidF1", "Centroid F1", s => s.CentroidF1),
    ];

    /// <summary>Makes the report.</summary>
    /// <param name="images">A name and the score of each image, in the order in which they are to be shown.</param>
    public EvaluationReport(IEnumerable<(string Name, SegmentationScore Score)> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        Images = [.. images];
    }

    /// <summary>
    /// Scores label images or outlines against the truth; their types too where both sides name them: classes of outlines, or <c>types/X.csv</c> beside
    /// <c>labels/X.png</c>. What a mask <c>unsure/X.png</c> beside the truth's <c>labels/</c> covers counts neither way.
    /// </summary>
    /// <param name="truth">Folder of label images or of GeoJSON.</param>
    /// <param name="predicted">Folder of the same, by the same names.</param>
    /// <param name="mpp">Pixel size of the pictures, for detection by centroids and for types; null leaves these figures out.</param>
    /// <exception cref="SlideException">A file is missing or can't be read, or sizes differ.</exception>
    public static EvaluationReport OfFiles(string truth, string predicted, Mpp? mpp = null)
    {
        var pairs = LabelPair.Find(truth, predicted);
        var types = mpp is null ? null : NamedTypes.Of(pairs);
        var tally = new TypeTally(types?.Names ?? [], mpp ?? new Mpp(1));
        var scores = new List<(string, SegmentationScore)>();
        foreach (var (index, pair) in pairs.Index())
        {
            var labels = pair.Read();
            scores.Add((pair.Name, SegmentationMetrics.Compare(labels.Truth, labels.Found, mpp)));
            types?.AddTo(tally, pair.Name, index, labels);
        }

        return new EvaluationReport(scores) { Types = tally.Sum, TypesLeftOut = tally.LeftOut };
    }

    /// <summary>The images with their scores.</summary>
    public IReadOnlyList<(string Name, SegmentationScore Score)> Images { get; }

    /// <summary>How far nucleus types agree, all images together; null where the truth or the model has none.</summary>
    internal TypeAgreement? Types { get; init; }

    /// <summary>Pictures whose types are left out: they hold more nuclei than can be paired as HoVer-Net pairs them.</summary>
    internal IReadOnlyList<string> TypesLeftOut { get; init; } = [];

    /// <summary>What went wrong, by kind; null where no picture was at hand.</summary>
    internal ErrorTable? Errors { get; init; }

    /// <summary>
    /// What went wrong (missed, merged, split, poor outline, false) by size, darkness and crowding, in plain text; null where no picture was at hand.
    /// </summary>
    public string? ErrorsAsTable => Errors?.ToTable();

    /// <summary>What the user should know of the images, in sentences.</summary>
    public IReadOnlyList<string> Warnings =>
        [
            .. Images
                .Where(i => i.Score.HasMask)
                .Select(i =>
                    $"{i.Name}: one label for several separate areas, as in a mask; each nucleus needs a number of its own, or PQ, AJI and F1 mean nothing."),
            .. TypesLeftOut.Select(name => $"{name}: too many nuclei to score their types; cut it into tiles of some thousand nuclei."),
        ];

    /// <summary>The counts of all images together; null where there is no image.</summary>
    public SegmentationScore? Pooled => Images.Count == 0 ? null : Images.Select(i => i.Score).Aggregate((a, b) => a + b);

    /// <summary>Mean panoptic quality over images.</summary>
    public BootstrapInterval PanopticQuality => Mean(s => s.PanopticQuality);

    /// <summary>Mean aggregated Jaccard index over images.</summary>
    public BootstrapInterval Aji => Mean(s => s.Aji);

    /// <summary>Mean Dice coefficient over images.</summary>
    public BootstrapInterval Dice => Mean(s => s.Dice);

    /// <summary>
    /// The mean of any figure over images. Images in which neither side has a nucleus are left out, since the figures are not defined there.
    /// </summary>
    public BootstrapInterval Mean(Func<SegmentationScore, double> figure) => BootstrapInterval.Of(Images.Select(i => figure(i.Score)));

    /// <summary>A table for people, in plain text.</summary>
    /// <param name="perImage">Whether to list each image too.</param>
    public string ToTable(bool perImage = false)
    {
        var text = new StringBuilder();
        if (perImage && Images.Count > 0)
        {
            var width = Math.Max(5, Images.Max(i => i.Name.Length));
            text.Append("Image".PadRight(width)).Append("   true  found");
            foreach (var (_, title, _) in _figures)
            {
                text.Append("  ").Append(title.PadLeft(11));
            }

            text.AppendLine();
            foreach (var (name, score) in Images)
            {
                text.Append(name.PadRight(width)).Append(Invariant($"{score.TruthCount,7}{score.PredictedCount,7}"));
                foreach (var (_, _, of) in _figures)
                {
                    text.Append("  ").Append(Number(of(score)).PadLeft(11));
                }

                text.AppendLine();
            }

            text.AppendLine();
        }

        // Points with types alone say nothing of outlines.
        if (Images.Count > 0 || Types is null)
        {
            AddFigures(text);
        }

        if (Types is not null)
        {
            text.Append(TypeReport.ToTable(Types));
        }

        return text.ToString();
    }

    private void AddFigures(StringBuilder text)
    {
        var pooled = Pooled;
        text.AppendLine("Figure          mean   95 % interval     pooled   images");
        foreach (var (_, title, of) in _figures)
        {
            var mean = Mean(of);
            text.AppendLine(
                Invariant(
                    $"{title, -12}  {Number(mean.Mean), 6}   {Number(mean.Low), 6} - {Number(mean.High), -6}   {Number(pooled is null ? double.NaN : of(pooled)), 6}   {mean.Images, 6}"));
        }

        if (pooled is not null)
        {
            text.AppendLine(Invariant($"{pooled.TruthCount} true nuclei, {pooled.PredictedCount} found, {pooled.Matched} matched at IoU > 0.5"));
            var empty = Images.Count(i => i.Score.IsEmpty);
            if (empty > 0)
            {
                text.AppendLine(Invariant($"{empty} images without nuclei on either side are left out of the means"));
            }
        }
    }

    /// <summary>
    /// JSON for programs: <c>images</c>, <c>mean</c> (with <c>low</c>, <c>high</c>, <c>images</c>) and <c>pooled</c>. A figure that is not defined is null.
    /// </summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("mean");
            foreach (var (key, _, of) in _figures)
            {
                var mean = Mean(of);
                json.WriteStartObject(key);
                Write(json, "value", mean.Mean);
                Write(json, "low", mean.Low);
                Write(json, "high", mean.High);
                json.WriteNumber("images", mean.Images);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            if (Pooled is { } pooled)
            {
                json.WriteStartObject("pooled");
                WriteScore(json, pooled);
                json.WriteEndObject();
            }

            if (Types is not null)
            {
                json.WritePropertyName("types");
                TypeReport.Write(json, Types);
            }

            json.WriteStartArray("images");
            foreach (var (name, score) in Images)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                WriteScore(json, score);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteScore(Utf8JsonWriter json, SegmentationScore score)
    {
        foreach (var (key, _, of) in _figures)
        {
            Write(json, key, of(score));
        }

        json.WriteNumber("truth", score.TruthCount);
        json.WriteNumber("predicted", score.PredictedCount);
        json.WriteNumber("matched", score.Matched);
    }

    /// <summary>Writes a figure; null where it is not defined.</summary>
    internal static void Write(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, Math.Round(value, 6));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>A figure in a table; a dash where it is not defined.</summary>
    internal static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
