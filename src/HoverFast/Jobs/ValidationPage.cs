using System.Globalization;
using System.Net;
using System.Text;

namespace HoverFast.Jobs;

/// <summary>A local validation as one HTML page that needs nothing else: no script, no font, no network.</summary>
internal static class ValidationPage
{
    /// <summary>The page.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="worst">Tiles to be shown with their pictures (JPEG), the worst first.</param>
    public static string Of(ValidationReport report, IReadOnlyList<(ValidatedTile Tile, byte[] Picture)> worst)
    {
        var page = new StringBuilder();
        var title = Text($"Validation: {report.Protocol.Name}");
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n<style>");
        page.Append("body{font:15px/1.4 sans-serif;margin:2em auto;max-width:1100px;color:#222}td,th{padding:2px 14px 2px 0;text-align:left}.n{text-align:right}");
        page.Append(".held{color:#17692a}.not{color:#b00020}figure{display:inline-block;margin:.5em 1em .5em 0}img{max-width:520px}svg{vertical-align:middle}");
        page.Append(CultureInfo.InvariantCulture, $"</style></head><body>\n<h1>{title}</h1>\n");
        page.Append(HeldOrNot(report));
        page.Append(CultureInfo.InvariantCulture, $"<p>{report.When:yyyy-MM-dd HH:mm} UTC, {report.Tiles.Count} tiles at {report.Protocol.Mpp:0.###} um/px. ");
        page.Append(CultureInfo.InvariantCulture, $"Model {Text(report.Model)} (SHA-256 {Text(report.ModelSha256)}), program {Text(report.Program)}.</p>\n");
        page.Append("<h2>Limits</h2>\n<table><tr><th>figure</th><th>tiles</th><th></th><th>limit</th><th>mean</th><th>95 % interval</th><th></th><th></th></tr>\n");
        foreach (var finding in report.Findings)
        {
            Append(page, finding);
        }

        page.Append("</table>\n<p>Figures are means over tiles; intervals are bootstrap percentiles over tiles. The bar spans 0 to 1: the line is the limit, ");
        page.Append("the band the interval, the dot the mean.</p>\n");
        if (worst.Count > 0)
        {
            page.Append("<h2>Worst tiles</h2>\n<p>Green: drawn by people and found. Red: drawn, not found. Blue: found, not drawn (intersection over union above ");
            page.Append("0.5 counts as found).</p>\n");
            foreach (var (tile, picture) in worst)
            {
                page.Append("<figure><img alt=\"").Append(Text(tile.Name)).Append("\" src=\"data:image/jpeg;base64,").Append(Convert.ToBase64String(picture));
                page.Append(CultureInfo.InvariantCulture, $"\"><figcaption><b>{Text(tile.Name)}</b>: PQ {Number(tile.Pq)}, Dice {Number(tile.Dice)}, ");
                page.Append(CultureInfo.InvariantCulture, $"{tile.Labelled} drawn, {tile.Found} found</figcaption></figure>\n");
            }
        }

        page.Append("<h2>All tiles</h2>\n<table><tr><th>tile</th><th>drawn</th><th>found</th><th>Dice</th><th>AJI</th><th>F1</th><th>PQ</th></tr>\n");
        foreach (var tile in report.Tiles)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(tile.Name)}</td><td class=\"n\">{tile.Labelled}</td><td class=\"n\">{tile.Found}</td>");
            foreach (var figure in (double?[])[tile.Dice, tile.Aji, tile.F1, tile.Pq])
            {
                page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{Number(figure)}</td>");
            }

            page.Append("</tr>\n");
        }

        return page.Append("</table>\n<p>Evidence for a quality system; no claim of compliance. For research use only.</p></body></html>\n").ToString();
    }

    private static string HeldOrNot(ValidationReport report) =>
        report.Holds
            ? "<p class=\"held\"><b>Held: all limits that were stated hold.</b></p>\n"
            : $"<p class=\"not\"><b>NOT HELD: {report.Findings.Count(f => !f.Holds)} of {report.Findings.Count} limits do not hold.</b></p>\n";

    private static void Append(StringBuilder page, ValidationFinding finding)
    {
        const int Width = 200;
        var limit = finding.Limit;
        var named = limit.Figure == "dice" ? "Dice" : limit.Figure.ToUpperInvariant();
        page.Append(CultureInfo.InvariantCulture, $"<tr><td>{named}</td><td class=\"n\">{finding.Tiles}</td>");
        page.Append(CultureInfo.InvariantCulture, $"<td>{(limit.Tissue is { } tissue ? $"of {Text(tissue)}" : "of all")}</td>");
        page.Append(CultureInfo.InvariantCulture, $"<td>{(limit.ByLowerEnd ? "lower end " : "")}at least {limit.Least:0.000}</td>");
        page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{Number(finding.Mean)}</td><td>{Number(finding.Low)} to {Number(finding.High)}</td><td>");
        page.Append(CultureInfo.InvariantCulture, $"<svg width=\"{Width}\" height=\"14\" role=\"img\"><rect width=\"{Width}\" height=\"14\" fill=\"#eef1f5\"/>");
        if (finding is { Mean: { } mean, Low: { } low, High: { } high })
        {
            page.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Width * low:0.#}\" y=\"4\" width=\"{Width * (high - low):0.#}\" height=\"6\" fill=\"#9db9dd\"/>");
            page.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{Width * mean:0.#}\" cy=\"7\" r=\"4\" fill=\"#225\"/>");
        }

        page.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Width * limit.Least:0.#}\" x2=\"{Width * limit.Least:0.#}\" y1=\"0\" y2=\"14\" stroke=\"#b00020\"/>");
        page.Append("</svg></td>").Append(finding.Holds ? "<td class=\"held\">held</td></tr>\n" : "<td class=\"not\"><b>not held</b></td></tr>\n");
    }

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "none";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
