using System.Globalization;
using System.Net;
using System.Text;
using HoverFast.Cluster.Progress;
using HoverFast.Files;

namespace HoverFast.Cluster.Cohort;

/// <summary>A cohort on one page of HTML that needs nothing beside it: distributions, slides far from the others, failures, mixed settings, warnings.</summary>
public static class CohortReport
{
    private const int MostRows = 50;

    private static readonly CultureInfo _plain = CultureInfo.InvariantCulture;

    // Distributions that are shown where there are values, and whose outliers are listed; the rest of the numbers under these prefixes too.
    private static readonly (string Column, string Title)[] _figures =
    [
        ("density_per_mm2", "nuclei a mm2"), ("nuclei", "nuclei"), ("tissue_mm2", "tissue, mm2"), (
            "median_nucleus_area_um2",
            "median area of nuclei, um2"), ("seconds", "seconds"),
    ];

    private static readonly string[] _judgements = ["quality", "drift", "trust"];

    // What should be one thing in a cohort.
    private static readonly string[] _same = ["model", "model_sha256", "model_mpp", "stain", "settings_finder", "settings_views", "version"];

    /// <summary>Writes the page.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="table">The slides.</param>
    public static void Write(string path, CohortTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        PartialFile.WriteText(path, Html(table));
    }

    internal static string Html(CohortTable table)
    {
        var rows = table.Rows;
        var html = new StringBuilder();
        html.Append(
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Cohort</title>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <style>
            body { font: 15px/1.45 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
            table { border-collapse: collapse; margin: .5rem 0 }
            th, td { padding: .2rem .7rem; text-align: left; border-bottom: 1px solid #ddd; vertical-align: top }
            td.n { text-align: right; font-variant-numeric: tabular-nums }
            figure { display: inline-block; margin: .5rem 1.5rem .5rem 0 }
            figcaption { font-weight: 600 }
            </style></head><body>

            """);
        Line($"<h1>{rows.Count} slides</h1>");
        var left = Sum("left_out_area");
        Line($"<p>{Sum("nuclei"):N0} nuclei in {Sum("tissue_mm2") - left:N1} mm2 of tissue; {Sum("seconds") / 3600:N2} hours of segmenting.");
        if (left > 0)
        {
            Line($"{left:N1} mm2 more were left out because of artefacts.");
        }

        Line($"Results of {Text(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(table.Folder))))}.</p>");
        AddFailures();
        AddMixture();
        var figures = Figures(table);
        html.Append("<h2>Distributions</h2>\n");
        foreach (var (column, title) in figures)
        {
            AddHistogram(html, title, [.. rows.Select(r => r.Number(column)).Where(double.IsFinite)]);
        }

        AddOutliers(figures);
        AddWarnings();
        html.Append("</body></html>\n");
        return html.ToString();

        void Line(FormattableString text) => html.Append(text.ToString(_plain)).Append('\n');

        double Sum(string column) => rows.Select(r => r.Number(column)).Where(double.IsFinite).Sum();

        void AddFailures()
        {
            var failed = ClusterState.Read(table.Folder).Slides.Where(s => s.State != SlideProgressState.Done).ToList();
            if (failed.Count + table.Problems.Count == 0)
            {
                return;
            }

            Line($"<h2>Not done: {failed.Count + table.Problems.Count}</h2>\n<table><tr><th>slide</th><th>state</th><th>attempts</th><th>why</th></tr>");
            foreach (var slide in failed.OrderByDescending(s => s.State).Take(MostRows))
            {
                Line($"<tr><td>{Text(slide.Name)}</td><td>{slide.State.ToString().ToLowerInvariant()}</td>");
                Line($"<td class=\"n\">{slide.Attempts}</td><td>{Text(slide.Error ?? "")}</td></tr>");
            }

            foreach (var problem in table.Problems.Take(MostRows))
            {
                Line($"<tr><td></td><td>unreadable</td><td></td><td>{Text(problem)}</td></tr>");
            }

            html.Append("</table>\n");
        }

        void AddMixture()
        {
            var mixed = _same.Select(
                c => (
                    Column: c,
                    Values: rows.CountBy(r => Convert.ToString(r.Values.GetValueOrDefault(c), _plain) ?? "").OrderByDescending(v => v.Value).ToList()))
                .Where(m => m.Values.Count > 1)
                .ToList();
            if (mixed.Count == 0)
            {
                return;
            }

            html.Append(
                "<h2>Slides that were done in different ways</h2>\n<p>Counts of these are not to be compared without a "
                    + "thought.</p>\n<table><tr><th>what</th><th>values, and slides of each</th></tr>\n");
            foreach (var (column, values) in mixed)
            {
                var counts = values.Select(v => $"{Text(v.Key.Length == 0 ? "(none)" : v.Key)}: {v.Value}");
                Line($"<tr><td>{Text(column)}</td><td>{string.Join("<br>", counts)}</td></tr>");
            }

            html.Append("</table>\n");
        }

        void AddOutliers(IReadOnlyList<(string Column, string Title)> columns)
        {
            var found = columns.Where(c => c.Column != "seconds")
                .SelectMany(c => Outliers.Of([.. rows.Select(r => r.Number(c.Column))]).Select(o => (Row: rows[o.Index], c.Title, c.Column, o.Score)))
                .OrderByDescending(o => Math.Abs(o.Score))
                .ToList();
            Line($"<h2>Far from the others: {found.Count}</h2>");
            html.Append(
                "<p>More than 3.5 robust standard deviations from the median (median of absolute deviations; of positive figures their "
                    + "logarithms).</p>\n<table><tr><th>slide</th><th>figure</th><th>value</th><th>deviations</th></tr>\n");
            foreach (var (row, title, column, score) in found.Take(MostRows))
            {
                Line($"<tr><td>{Text(row.Name)}</td><td>{Text(title)}</td><td class=\"n\">{row.Number(column):G5}</td>");
                Line($"<td class=\"n\">{score:+0.0;-0.0}</td></tr>");
            }

            html.Append("</table>\n");
        }

        void AddWarnings()
        {
            var warned = rows.Where(r => r.Text("warnings").Length > 0).ToList();
            Line($"<h2>Slides with warnings: {warned.Count}</h2>\n<table>");
            foreach (var row in warned.Take(MostRows))
            {
                Line($"<tr><td>{Text(row.Name)}</td><td>{Text(row.Text("warnings"))}</td></tr>");
            }

            html.Append("</table>\n");
            if (warned.Count > MostRows)
            {
                Line($"<p>The table holds the other {warned.Count - MostRows}.</p>");
            }
        }
    }

    private static IReadOnlyList<(string Column, string Title)> Figures(CohortTable table)
    {
        var numbers = table.Columns.Where(c => c.Type == typeof(double)).Select(c => c.Name).ToList();
        return
        [
            .. _figures.Where(f => numbers.Contains(f.Column)),
            .. numbers.Where(n => Array.Exists(_judgements, j => n.StartsWith(j, StringComparison.Ordinal))).Select(n => (n, n.Replace('_', ' '))),
        ];
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static void AddHistogram(StringBuilder html, string title, double[] values)
    {
        const int Bars = 24;
        const int Width = 300;
        const int Height = 90;
        if (values.Length == 0)
        {
            return;
        }

        Array.Sort(values);
        var (low, high, median) = (values[0], values[^1], Outliers.Median(values));
        var counts = new int[Bars];
        foreach (var value in values)
        {
            counts[high > low ? Math.Min(Bars - 1, (int)((value - low) / (high - low) * Bars)) : 0]++;
        }

        html.Append(
            _plain,
            $"<figure><figcaption>{Text(title)}</figcaption><svg width=\"{Width}\" height=\"{Height + 18}\" role=\"img\" aria-label=\"{Text(title)}: "
                + $"from {low:G4} to {high:G4}, median {median:G4}\">");
        for (var i = 0; i < Bars; i++)
        {
            var height = (double)counts[i] / counts.Max() * Height;
            html.Append(
                _plain,
                $"<rect x=\"{i * Width / Bars}\" y=\"{Height - height:0.#}\" width=\"{(Width / Bars) - 1}\" height=\"{height:0.#}\" fill=\"#2c7fb8\"/>");
        }

        html.Append(
            _plain,
            $"<text x=\"0\" y=\"{Height + 15}\" font-size=\"12\">{low:G4}</text><text x=\"{Width / 2}\" y=\"{Height + 15}\" font-size=\"12\" "
                + $"text-anchor=\"middle\">median {median:G4}</text>");
        html.Append(_plain, $"<text x=\"{Width}\" y=\"{Height + 15}\" font-size=\"12\" text-anchor=\"end\">{high:G4}</text></svg></figure>\n");
    }
}
