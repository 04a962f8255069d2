using System.Globalization;
using System.Text;
using System.Text.Json;
using HoverFast.Review.Fields;
using HoverFast.Review.Logs;

namespace HoverFast.Review.Estimates;

/// <summary>
/// What fields drawn at random tell of the model on all the tissue that they were drawn from: detection at an intersection over union above a half.
/// </summary>
public sealed record ReviewEstimate
{
    private static readonly JsonSerializerOptions _json = new(ReviewEntry.IndentedJson) { Converters = { new NullForNaN() } };

    /// <summary>The session.</summary>
    public required string Session { get; init; }

    /// <summary>Fields that are done.</summary>
    public required int Done { get; init; }

    /// <summary>Fields that were drawn.</summary>
    public required int Drawn { get; init; }

    /// <summary>Fields that there were to draw from.</summary>
    public required int Population { get; init; }

    /// <summary>The counts of the fields that are done, by field.</summary>
    public required IReadOnlyDictionary<string, FieldScore> Fields { get; init; }

    /// <summary>Share of the model's nuclei that are right.</summary>
    public required RatioInterval Precision { get; init; }

    /// <summary>Share of all nuclei that the model found.</summary>
    public required RatioInterval Recall { get; init; }

    /// <summary>Both together: 2 TP / (2 TP + FP + FN).</summary>
    public required RatioInterval F1 { get; init; }

    /// <summary>Estimates from the fields that are done. Where some aren't, those that are count as a random part of the drawn.</summary>
    internal static ReviewEstimate Of(ReviewSession session, IReadOnlyList<(ReviewField Field, FieldScore Score)> done)
    {
        if (done.Count == 0)
        {
            throw new ReviewException($"No field of {session.Id} is done yet. Review some, and call them right.");
        }

        var share = (double)done.Count / session.Fields.Count;
        return new ReviewEstimate
        {
            Session = session.Id,
            Done = done.Count,
            Drawn = session.Fields.Count,
            Population = session.Population,
            Fields = done.ToDictionary(d => d.Field.Id, d => d.Score, StringComparer.Ordinal),
            Precision = ClusterRatio.Of([.. done.Select(d => ((double)d.Score.FoundRight, (double)d.Score.Found, d.Field.Inclusion!.Value * share))]),
            Recall = ClusterRatio.Of([.. done.Select(d => ((double)d.Score.TrueFound, (double)d.Score.True, d.Field.Inclusion!.Value * share))]),
            F1 = ClusterRatio.Of([.. done.Select(d =>
                ((d.Score.FoundRight + d.Score.TrueFound) / 2.0, (d.Score.Found + d.Score.True) / 2.0, d.Field.Inclusion!.Value * share))]),
        };
    }

    /// <summary>The figures for programs; an end of an interval that can't be told is null.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>A table for people.</summary>
    public string ToTable()
    {
        var text = new StringBuilder();
        text.AppendLine(Invariant($"{Session}: {Done} of {Drawn} fields done, drawn at random from {Population}"));
        text.AppendLine(Invariant($"{Fields.Values.Sum(f => f.Found)} nuclei of the model in them, {Fields.Values.Sum(f => f.True)} after review"));
        text.AppendLine("            estimate   95 % interval");
        foreach (var (name, interval) in new[] { ("precision", Precision), ("recall", Recall), ("F1", F1) })
        {
            text.AppendLine($"{name,-10}  {Number(interval.Value),8}   {Number(interval.Low)} - {Number(interval.High)}");
        }

        return text.ToString();
    }

    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
