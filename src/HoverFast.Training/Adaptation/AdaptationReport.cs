using System.Globalization;
using System.Text;
using System.Text.Json;
using HoverFast.Evaluation;
using HoverFast.Files;
using HoverFast.Model;

namespace HoverFast.Training.Adaptation;

/// <summary>What adapting did, for people and for programs: each tile before and after, the check of known tissue, what was chosen and why.</summary>
internal sealed class AdaptationReport(ModelCard start, string folder, AdaptationResult result)
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Why this share of the way was taken, in a sentence.</summary>
    public string Reason
    {
        get
        {
            var share = Number(result.Chosen.Share * 100, "0");
            return !result.Chosen.IsHarmless(result.Settings.MostLoss)
                ? $"{share} % of the way from the start does the least harm; none keeps every set of known tissue within about {Number(result.Settings.MostLoss)} PQ of it."
                : $"{share} % of the way from the start {(result.Recognition is null ? "gives the tiles that were held out most" : "is the farthest that gives the tiles that were held out at least half of the most")}, with no more than about {Number(result.Settings.MostLoss)} PQ lost on known tissue.";
        }
    }

    /// <summary>What the user should know before using the model.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            foreach (var set in result.Chosen.Checks.Where(c => -c.PooledGain.Mean > result.Settings.MostLoss && !(c.PooledGain.High >= 0)))
            {
                yield return $"the model got worse on {set.Name}: PQ {Signed(set.PooledGain.Mean)} ({Signed(set.PooledGain.Low)} to {Signed(set.PooledGain.High)}). Keep {start.Name} for such tissue.";
            }

            if (result.IsBetter && result.Chosen.Own.Gain.Low <= 0)
            {
                yield return $"the gain on your tiles is not certain: its interval holds 0 ({Signed(result.Chosen.Own.Gain.Low)} to {Signed(result.Chosen.Own.Gain.High)}). More tiles would tell.";
            }
        }
    }

    /// <summary>The report as plain text.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        var own = result.Chosen.Own;
        var width = Math.Max(
            16,
            own.Images.Concat(result.Chosen.Checks.SelectMany(c => new[] { new PairedScore(c.Name, own.Images[0].First, own.Images[0].Second) }))
                .Max(t => t.Name.Length));
        text.AppendLine($"\nPQ on your tiles, each scored by weights that did not learn it");
        text.AppendLine($"{"tile".PadRight(width)}  before   after    gain");
        foreach (var tile in own.Images)
        {
            text.AppendLine(
                $"{tile.Name.PadRight(width)}  {Number(tile.First.PanopticQuality), 6}  {Number(tile.Second.PanopticQuality), 6}  {Signed(tile.Gain), 6}");
        }

        Line($"mean of {own.Images.Count}", own.First.PanopticQuality.Mean, own.Second.PanopticQuality.Mean, own.Gain);
        text.AppendLine(Invariant($"{"Dice".PadRight(width)}  {Number(own.First.Dice.Mean),6}  {Number(own.Second.Dice.Mean),6}"));
        text.AppendLine(Invariant($"{"AJI".PadRight(width)}  {Number(own.First.Aji.Mean),6}  {Number(own.Second.Aji.Mean),6}"));
        if (result.Recognition is { } known)
        {
            text.AppendLine(
                Invariant($"\nThe model knows its tissue: {known.Known} of {known.Tiles} tiles by the others, and {known.Taken} of {known.Pictures} pictures of known tissue"));
            text.AppendLine(Invariant($"are taken for it. Slides that look otherwise are left to {known.Elsewhere.Card.Name}, which lies in the model's file (--weights)."));
        }

        text.AppendLine("\nPQ on tissue that must not be forgotten, over all nuclei of a set together (nothing was learned from these pictures here)");
        text.AppendLine("The model's card gives the mean over pictures instead: a picture of few nuclei counts there as much as one of many.");
        text.AppendLine($"{"set".PadRight(width)}  before   after    gain");
        foreach (var set in result.Chosen.Checks)
        {
            Line(set.Name, Pooled(set.First), Pooled(set.Second), set.PooledGain);
        }

        text.AppendLine("\nof the way from the start: gain on the tiles (mean of PQ, AJI and Dice), change of PQ on the known tissue that fares worst");
        foreach (var choice in result.All)
        {
            text.AppendLine(
                Invariant($"{100 * choice.Share, 5:0} %   {Signed(choice.OwnGain)}   {Signed(-choice.WorstLoss)}{(choice == result.Chosen ? "   chosen" : "")}")
            );
        }

        text.AppendLine(Reason);
        foreach (var warning in Warnings)
        {
            text.AppendLine("warning: " + warning);
        }

        return text.ToString();

        void Line(string name, double before, double after, BootstrapInterval gain) =>
            text.AppendLine(
                $"{name.PadRight(width)}  {Number(before), 6}  {Number(after), 6}  {Signed(gain.Mean), 6}  ({Signed(gain.Low)} to {Signed(gain.High)})");
    }

    /// <summary>PQ over all nuclei of a set; not a number where it is not known.</summary>
    public static double Pooled(EvaluationReport report) => report.Pooled?.PanopticQuality ?? double.NaN;

    /// <summary>The report for programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            start = new { start.Name, start.Sha256 },
            tiles = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            result.Settings,
            share = result.Chosen.Share,
            knowsTissue = result.Recognition is { } r ? new { r.Known, r.Tiles, r.Taken, r.Pictures } : null,
            reason = Reason,
            warnings = Warnings,
            own = Set(result.Chosen.Own),
            checks = result.Chosen.Checks.Select(Set),
            shares = result.All.Select(c => new { c.Share, gain = Round(c.OwnGain), worstLoss = Round(c.WorstLoss) }),
        },
        _json);

    /// <summary>Writes the report beside a model: JSON, and a page with pictures.</summary>
    public void Write(AdaptedModelFiles files, Adapter adapter, CancellationToken cancellation)
    {
        PartialFile.WriteText(files.ReportJson, ToJson() + "\n");
        PartialFile.WriteText(files.ReportHtml, new ReportPage(this, result).Make(Path.GetFileNameWithoutExtension(files.Float32), adapter, cancellation));
    }

    /// <summary>A figure of quality, in three decimals.</summary>
    public static string Number(double value, string format = "0.000") => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A difference, with its sign.</summary>
    public static string Signed(double value) => Number(value, "+0.000;-0.000;0.000");

    private static object Set(PairedReport set) => new
    {
        set.Name,
        gain = Interval(set.Gain),
        pooledGain = Interval(set.PooledGain),
        pq = new { before = Interval(set.First.PanopticQuality), after = Interval(set.Second.PanopticQuality) },
        dice = new { before = Interval(set.First.Dice), after = Interval(set.Second.Dice) },
        aji = new { before = Interval(set.First.Aji), after = Interval(set.Second.Aji) },
        tiles = set.Images.Select(t => new
        {
            t.Name,
            nuclei = t.First.TruthCount,
            before = Figures(t.First),
            after = Figures(t.Second),
        }),
    };

    private static object Figures(SegmentationScore score) =>
        new
        {
            pq = Round(score.PanopticQuality),
            dice = Round(score.Dice),
            aji = Round(score.Aji),
            found = score.PredictedCount,
            right = score.Matched,
        };

    private static object Interval(BootstrapInterval i) => new { mean = Round(i.Mean), low = Round(i.Low), high = Round(i.High), i.Images };

    // Null where the figure is not defined: JSON knows no NaN.
    private static double? Round(double value) => double.IsNaN(value) ? null : Math.Round(value, 5);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
