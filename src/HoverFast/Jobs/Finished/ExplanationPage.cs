using System.Globalization;
using System.Net;
using System.Text;
using SkiaSharp;

namespace HoverFast.Jobs.Finished;

/// <summary>A nucleus explained as one HTML page that needs nothing else: no script, no font, no network.</summary>
internal static class ExplanationPage
{
    /// <summary>The page.</summary>
    public static string Of(NucleusExplanation nucleus, ExplanationViews views)
    {
        var page = new StringBuilder();
        var title = WebUtility.HtmlEncode($"{nucleus.Result}: nucleus {nucleus.Id}");
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n<style>");
        page.Append("body{font:15px/1.4 sans-serif;margin:2em auto;max-width:1280px;color:#222}.views{display:flex;flex-wrap:wrap;gap:16px}figure{margin:0;width:300px}");
        page.Append("td,th{padding:2px 12px 2px 0;text-align:left}.n{text-align:right}meter{width:160px}</style></head><body>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{title}</h1>\n<p>{WebUtility.HtmlEncode(nucleus.Slide)}, segmented by {WebUtility.HtmlEncode(nucleus.Model)}");
        page.Append(nucleus.Type is { } type ? $"; type {WebUtility.HtmlEncode(type)}" : "").Append(". For research use only.</p>\n<div class=\"views\">\n");
        foreach (var (name, words, picture) in views.All)
        {
            using var png = picture.Encode(SKEncodedImageFormat.Png, 100);
            page.Append(CultureInfo.InvariantCulture, $"<figure><img alt=\"{WebUtility.HtmlEncode(name)}\" width=\"{picture.Width}\" height=\"{picture.Height}\" ");
            page.Append("src=\"data:image/png;base64,").Append(Convert.ToBase64String(png.AsSpan())).Append("\"><figcaption><b>");
            page.Append(WebUtility.HtmlEncode(name)).Append(".</b> ").Append(WebUtility.HtmlEncode(words)).Append("</figcaption></figure>\n");
        }

        page.Append("</div>\n");
        if (nucleus.Teacher is { } teacher)
        {
            page.Append("<h2>Teacher</h2>\n<p>").Append(WebUtility.HtmlEncode(teacher)).Append("</p>\n");
        }

        page.Append(
            CultureInfo.InvariantCulture,
            $"<h2>Measurements</h2>\n<p>The percentile tells where each lies among the {nucleus.Nuclei} nuclei of the slide, and in the training data. ");
        page.Append(WebUtility.HtmlEncode(nucleus.Training)).Append("</p>\n");
        page.Append("<table><tr><th>measurement</th><th>value</th><th colspan=\"2\">percentile in the slide</th><th colspan=\"2\">in the training data</th></tr>\n");
        foreach (var measurement in nucleus.Measurements)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{WebUtility.HtmlEncode(measurement.Name)}</td><td class=\"n\">{Math.Round(measurement.Value, 3)}</td><td class=\"n\">{measurement.Percentile:0.0}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td><meter min=\"0\" max=\"100\" value=\"{measurement.Percentile:0.0}\"></meter></td>");
            if (measurement.TrainingPercentile is { } learned)
            {
                page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{learned:0.0}</td>");
                page.Append(CultureInfo.InvariantCulture, $"<td><meter min=\"0\" max=\"100\" value=\"{learned:0.0}\"></meter></td>");
            }

            page.Append("</tr>\n");
        }

        return page.Append("</table>\n</body></html>\n").ToString();
    }
}
