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
        text.AppendLine(Invariant($"Within {TypeAgreement.Radius} um:  F_d {Number(score.Detection)}, {100 * score.Accuracy:0.0} % of the nuclei found have their type"));
        text.Append("Type".PadRight(width)).AppendLine(Invariant($"    true   found     F_c      F1   taken for {string.Join(", ", score.Types)}"));
        foreach (var t in types)
        {
            var taken = string.Join(' ', types.Select(f => score.Pairs(t, f).ToString(CultureInfo.InvariantCulture).PadLeft(6)));
            text.AppendLine(Invariant($"{score.Types[t - 1].PadRight(width)}{score.Truth(t),8}{score.Found(t),8}  {Number(score.OfType(t)),6}  {Number(score.PlainOfType(t)),6}   {taken}"));
        }

        text.AppendLine(Invariant($"{"mean".PadRight(width)}                  {Number(score.MeanOfTypes),6}  {Number(score.MeanPlain),6}"));
        return text.ToString();
    }

    /// <summary>The same for programs, as the value of a property.</summary>
    public static void Write(Utf8JsonWriter json, TypeAgreement score)
    {
        json.WriteStartObject();
        Write(json, "detection", score.Detection);
        Write(json, "accuracy", score.Accuracy);
        Write(json, "mean", score.MeanOfTypes);
        Write(json, "meanF1", score.MeanPlain);
        json.WriteStartObject("types");
        for (var t = 1; t <= score.Types.Count; t++)
        {
            json.WriteStartObject(score.Types[t - 1]);
            json.WriteNumber("truth", score.Truth(t));
            json.WriteNumber("found", score.Found(t));
            Write(json, "fc", score.OfType(t));
            Write(json, "f1", score.PlainOfType(t));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double value)
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

    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
