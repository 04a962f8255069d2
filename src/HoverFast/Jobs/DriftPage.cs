using System.Globalization;
using System.Net;
using System.Text;

namespace HoverFast.Jobs;

/// <summary>Control charts as one HTML page that needs nothing else: no script, no font, no network.</summary>
internal static class DriftPage
{
    private const int Width = 900;
    private const int Height = 170;
    private const int Left = 70;
    private const int Margin = 22;

    private static readonly Dictionary<string, string> _titles = new(StringComparer.Ordinal)
    {
        ["red"] = "Stain: optical density in red",
        ["green"] = "Stain: optical density in green",
        ["blue"] = "Stain: optical density in blue",
        ["sharpness"] = "Focus: fine over coarse steps (logarithm)",
        ["grain"] = "Noise and compression (logarithm)",
        ["area"] = "Area of nuclei (logarithm of um2)",
        ["density"] = "Nuclei per pixel (logarithm)",
        ["boundary"] = "Boundary confidence",
        ["match"] = "Match probability",
        ["shift"] = "Domain shift (1 is the limit of good slides)",
        ["expectedPq"] = "Expected PQ",
    };

    /// <summary>The page.</summary>
    public static string Of(DriftReport report)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Drift</title>\n<style>");
        page.Append("body{font:15px/1.4 sans-serif;margin:2em auto;max-width:960px;color:#222}h2{font-size:1.2em;margin:1.6em 0 0}h3{font-size:1em;margin:1.4em 0 .2em}");
        page.Append(
            "svg{width:100%;height:auto;background:#fff;border:1px solid #ccc}.alarm{color:#b00020}li{margin:.2em 0}text{font:12px sans-serif;fill:#444}</style></head><body>\n");
        page.Append(
            CultureInfo.InvariantCulture,
            $"<h1>Drift over {report.Results.Count} results</h1>\n<p>{report.Results[0].Finished:yyyy-MM-dd} to {report.Results[^1].Finished:yyyy-MM-dd}. ");
        page.Append("Dots are slides, the line is their moving average; the band is where the average lies while nothing changes. A ring is an alarm.");
        if (report.LeftOut > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $" Left out for want of figures, of earlier versions or unreadable: {report.LeftOut}.");
        }

        if (report.WithoutTissue > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $" Left out without tissue: {report.WithoutTissue}.");
        }

        page.Append("</p>\n");
        if (report.Alarms.Count == 0)
        {
            page.Append("<p><b>No alarm.</b></p>\n");
        }
        else
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"alarm\"><b>{report.Alarms.Count} {(report.Alarms.Count == 1 ? "alarm" : "alarms")}</b></p><ul>\n");
            foreach (var alarm in report.Alarms)
            {
                page.Append("<li>").Append(WebUtility.HtmlEncode(alarm)).Append("</li>\n");
            }

            page.Append("</ul>\n");
        }

        foreach (var note in report.Notes)
        {
            page.Append("<p>").Append(WebUtility.HtmlEncode(note)).Append("</p>\n");
        }

        foreach (var scanner in report.Scanners)
        {
            if (report.Scanners.Count > 1 || scanner.Scanner.Length > 0)
            {
                page.Append("<h2>").Append(WebUtility.HtmlEncode(scanner.Scanner.Length > 0 ? $"Scanner: {scanner.Scanner}" : "Scanner not named"));
                page.Append(scanner.HasBaseline ? "</h2>\n" : " (no baseline)</h2>\n");
            }

            foreach (var chart in scanner.Charts)
            {
                page.Append("<h3>").Append(WebUtility.HtmlEncode(_titles.GetValueOrDefault(chart.Figure, chart.Figure))).Append("</h3>\n");
                Draw(page, report, scanner, chart);
            }
        }

        return page.Append("<p>Evidence for a quality system; no claim of compliance. For research use only.</p></body></html>\n").ToString();
    }

    // All scanners have one axis, so that it is seen when one took another's place.
    private static void Draw(StringBuilder page, DriftReport report, ScannerDrift scanner, DriftChart chart)
    {
        var (baseline, points) = (chart.Baseline, chart.Points);
        var values = points.Where(p => double.IsFinite(p.Value)).Select(p => p.Value).DefaultIfEmpty(baseline?.Mean ?? 0).ToList();
        var low = Math.Min(values.Min(), baseline is null ? values.Min() : baseline.Mean - (4 * baseline.Deviation));
        var high = Math.Max(values.Max(), baseline is null ? values.Max() : baseline.Mean + (4 * baseline.Deviation));
        (low, high) = high > low ? (low, high) : (low - 1, high + 1);
        page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">");
        if (baseline is not null)
        {
            var upper = string.Join(' ', points.Select((p, i) => Place(i, baseline.Mean + p.Limit)));
            var lower = string.Join(' ', points.Select((p, i) => Place(i, baseline.Mean - p.Limit)).Reverse());
            page.Append(CultureInfo.InvariantCulture, $"<polygon points=\"{upper} {lower}\" fill=\"#dff0df\"/>");
            page.Append(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{Left}\" x2=\"{Width - Margin}\" y1=\"{Y(baseline.Mean):0.#}\" y2=\"{Y(baseline.Mean):0.#}\" stroke=\"#7a7\"/>");
            page.Append(
                CultureInfo.InvariantCulture,
                $"<polyline points=\"{string.Join(' ', points.Select((p, i) => Place(i, p.Average)))}\" fill=\"none\" stroke=\"#225\" stroke-width=\"1.5\"/>");
        }

        foreach (var value in (double[])(baseline is null ? [low, high] : [low, baseline.Mean, high]))
        {
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Y(value) + 4:0.#}\" text-anchor=\"end\">{value:0.###}</text>");
        }

        for (var i = 0; i < points.Count; i++)
        {
            if (double.IsFinite(points[i].Value))
            {
                var (name, finished, _) = report.Results[scanner.Results[i]];
                var title = WebUtility.HtmlEncode(
                    string.Create(CultureInfo.InvariantCulture, $"{name}, {finished:yyyy-MM-dd HH:mm}: {points[i].Value:0.###}"));
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"<circle cx=\"{X(i):0.#}\" cy=\"{Y(points[i].Value):0.#}\" r=\"2.5\" fill=\"#557\"><title>{title}</title></circle>");
            }

            if (points[i].IsAlarm)
            {
                page.Append(
                    CultureInfo.InvariantCulture,
                    $"<circle cx=\"{X(i):0.#}\" cy=\"{Y(points[i].Average):0.#}\" r=\"6\" fill=\"none\" stroke=\"#b00020\" stroke-width=\"2\"/>");
            }
        }

        page.Append("</svg>\n");

        double X(int i) => Left + ((scanner.Results[i] + 0.5) * (Width - Left - Margin) / report.Results.Count);
        double Y(double value) => Height - Margin - ((value - low) / (high - low) * (Height - (2 * Margin)));
        string Place(int i, double value) => string.Create(CultureInfo.InvariantCulture, $"{X(i):0.#},{Math.Clamp(Y(value), 2, Height - 2):0.#}");
    }
}
