using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HoverFast.Evaluation;

/// <summary>Writes how far types agree.</summary>
internal static class TypeReport
{
    /// <summary>A table for people: detection, each type, and which types are taken for which.</summary>
    public static string ToTable(TypeAgreement score)
    {
        var text = new StringBuilder();
        var types = Enumerable.Range(1, score.Types.Count).ToList();
        var width = Math.Max(12, score.Types.Max(t => t.Length));
        text.Append(Invariant($"Within {TypeAgreement.Radius} um:  F_d {EvaluationReport.Number(score.Detection)}, "))
            .AppendLine(Invariant($"{100 * score.Accuracy:0.0} % of the nuclei found have their type"));
        text.Append("Type".PadRight(width)).AppendLine(Invariant($"    true   found     F_c      F1   taken for {string.Join(", ", score.Types)}"));
        foreach (var t in types)
        {
            var taken = string.Join(' ', types.Select(f => score.Pairs(t, f).ToString(CultureInfo.InvariantCulture).PadLeft(6)));
            text.Append(Invariant($"{score.Types[t - 1].PadRight(width)}{score.Truth(t),8}{score.Found(t),8}"))
                .AppendLine(Invariant($"  {EvaluationReport.Number(score.OfType(t)),6}  {EvaluationReport.Number(score.PlainOfType(t)),6}   {taken}"));
        }

        text.Append("mean".PadRight(width))
            .AppendLine(Invariant($"                  {EvaluationReport.Number(score.MeanOfTypes),6}  {EvaluationReport.Number(score.MeanPlain),6}"));
        return text.ToString();
    }

    /// <summary>The same for programs, as the value of a property.</summary>
    public static void Write(Utf8JsonWriter json, TypeAgreement score)
    {
        json.WriteStartObject();
        EvaluationReport.Write(json, "detection", score.Detection);
        EvaluationReport.Write(json, "accuracy", score.Accuracy);
        EvaluationReport.Write(json, "mean", score.MeanOfTypes);
        EvaluationReport.Write(json, "meanF1", score.MeanPlain);
        json.WriteStartObject("types");
        for (var t = 1; t <= score.Types.Count; t++)
        {
            json.WriteStartObject(score.Types[t - 1]);
            json.WriteNumber("truth", score.Truth(t));
            json.WriteNumber("found", score.Found(t));
            EvaluationReport.Write(json, "fc", score.OfType(t));
            EvaluationReport.Write(json, "f1", score.PlainOfType(t));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
