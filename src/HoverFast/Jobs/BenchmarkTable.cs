using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using HoverFast.Pipeline;

namespace HoverFast.Jobs;

/// <summary>A benchmark's results as a table, in Markdown, and as a picture.</summary>
/// <param name="results">The models' results, at least one.</param>
public sealed class BenchmarkTable(IReadOnlyList<BenchmarkResult> results)
{
    private const string PartNote = "a part of the tissue, as far as the time budget went";

    private static readonly string[] _columns =
    [
        "model", "slide", "mm2", "mm2/s", "slide mm2/s", "Mpx/s", "seconds", "CPU s/mm2", "J/mm2", "nuclei", "peak MiB",
        "x HoVer-Net", "x HoverFast", "read", "infer", "find", "measure", "write",
    ];

    /// <summary>The columns' titles.</summary>
    public static IReadOnlyList<string> Columns => _columns;

    /// <summary>A row of cells for each model.</summary>
    public IEnumerable<IReadOnlyList<string>> Rows => results.Select(r => (IReadOnlyList<string>)[.. Cells(r)]);

    /// <summary>The table for a document, with the machine that made it.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("| ").AppendJoin(" | ", _columns).Append(" |\n|---|---|").Append(string.Concat(Enumerable.Repeat("---:|", _columns.Length - 2))).Append('\n');
        foreach (var row in Rows)
        {
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }

        return text.Append('\n').Append(Footnote()).Append('\n').ToString();
    }

    /// <summary>What the table needs to be read aright.</summary>
    public string Footnote()
    {
        var notes = new List<string>
        {
            $"{Machine()}, {results[0].Threads} threads; warm-up excluded; each model in a process of its own; stages in shares of processor time.",
        };
        notes.Add(
            results.Any(r => r.Joules is null)
                ? "mm2, mm2/s: of tissue; slide mm2/s: glass included. J/mm2: not readable here (no RAPL counters under /sys/class/powercap, or not for this user)."
                : "mm2, mm2/s: of tissue; slide mm2/s: glass included. J/mm2: energy of all processors by RAPL, whatever else ran counted too.");
        if (results.Any(r => r.IsPart))
        {
            notes.Add($"*: {PartNote}.");
        }

        if (results.Any(r => r.Model.Contains("-formula", StringComparison.Ordinal)))
        {
            notes.Add("\"-formula\": made-up weights, on which speed does not depend; their nuclei mean nothing.");
        }

        return string.Join(' ', notes);
    }

    /// <summary>Bars of mm2/s on a logarithmic scale (SVG).</summary>
    public string ToSvg()
    {
        const int Width = 760;
        const int Row = 44;
        const int Left = 220;
        const int Right = 110;
        var rates = results.Select(r => Math.Max(1e-6, r.SquareMillimetresPerSecond)).ToList();
        var low = Math.Floor(Math.Log10(rates.Min()) - 0.3);
        var high = Math.Ceiling(Math.Log10(rates.Max()));
        double X(double rate) => Left + ((Math.Log10(rate) - low) / (high - low) * (Width - Left - Right));
        var bottom = (results.Count * Row) + 20;
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {bottom + 50}\" font-family=\"sans-serif\" font-size=\"13\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (var power = (int)low; power <= (int)high; power++)
        {
            var x = X(Math.Pow(10, power));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x:0.#}\" y1=\"10\" x2=\"{x:0.#}\" y2=\"{bottom}\" stroke=\"#ddd\"/>");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{x:0.#}\" y=\"{bottom + 16}\" text-anchor=\"middle\" fill=\"#555\">{Math.Pow(10, power):0.######}</text>\n");
        }

        for (var i = 0; i < results.Count; i++)
        {
            var y = 20 + (i * Row);
            var end = X(rates[i]);
            var colour = results[i].Network == BenchmarkNetwork.Student ? "#2c7fb8" : "#bdbdbd";
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 8}\" y=\"{y + 18}\" text-anchor=\"end\">{WebUtility.HtmlEncode(Label(results[i]))}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{y}\" width=\"{end - Left:0.#}\" height=\"26\" fill=\"{colour}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{end + 6:0.#}\" y=\"{y + 18}\">{Number(rates[i])} mm2/s</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{bottom + 38}\" fill=\"#555\">");
        svg.Append(
            CultureInfo.InvariantCulture,
            $"mm2 of tissue a second, end to end, logarithmic; {WebUtility.HtmlEncode(Machine())}, {results[0].Threads} threads</text>\n</svg>\n");
        return svg.ToString();
    }

    private string Label(BenchmarkResult result) => results.Any(r => r.Slide != result.Slide) ? $"{result.Model}, {result.Slide}" : result.Model;

    private static string Machine() => $"{ProcessorName.OfThisMachine}, {RuntimeInformation.ProcessArchitecture}";

    private static string Number(double value) =>
        value.ToString(value >= 100 ? "0" : value >= 1 ? "0.0#" : value >= 0.01 ? "0.000" : "0.00000", CultureInfo.InvariantCulture);

    private static string NumberOrNone(double? value) => value is { } known ? Number(known) : "-";

    private IEnumerable<string> Cells(BenchmarkResult r)
    {
        var stages = Math.Max(1e-9, r.StageSeconds.Values.Sum());
        yield return r.Model;
        yield return r.Slide;
        yield return Number(r.SquareMillimetres) + (r.IsPart ? "*" : "");
        yield return Number(r.SquareMillimetresPerSecond);
        yield return NumberOrNone(r.SlideSquareMillimetresPerSecond);
        yield return Number(r.MegapixelsPerSecond);
        yield return $"{r.Seconds:0.0}";
        yield return Number(r.CpuSecondsPerSquareMillimetre);
        yield return NumberOrNone(r.JoulesPerSquareMillimetre);
        yield return $"{r.Nuclei}";
        yield return $"{r.PeakMemoryBytes / 1048576.0:0}";
        yield return Times(r, BenchmarkNetwork.HoverNet);
        yield return Times(r, BenchmarkNetwork.HoverFast);
        foreach (var stage in Enum.GetValues<Stage>())
        {
            yield return $"{r.StageSeconds[stage] / stages * 100:0} %";
        }
    }

    // On the same slide.
    private string Times(BenchmarkResult result, BenchmarkNetwork other) =>
        results.FirstOrDefault(r => r.Network == other && r.Slide == result.Slide) is { } reference
            ? Number(result.SquareMillimetresPerSecond / reference.SquareMillimetresPerSecond)
            : "";
}
