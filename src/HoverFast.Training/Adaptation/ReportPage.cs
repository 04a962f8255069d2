using System.Net;
using System.Text;
using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Distillation;

namespace HoverFast.Training.Adaptation;

/// <summary>The report as one HTML file: its text, and each tile before and after.</summary>
internal sealed class ReportPage(AdaptationReport report, AdaptationResult result)
{
    /// <summary>Side of the part of a tile that is shown, in its pixels; drawn at twice that.</summary>
    private const int Shown = 360;

    private const string Style =
        "body{font-family:sans-serif;max-width:1500px;margin:2em auto}pre{background:#f4f4f4;padding:1em}figure{display:inline-block;margin:.5em}img{width:700px;max-width:46vw}.warning{color:#b00}";

    /// <summary>Makes the page.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="adapter">Segments the tiles again.</param>
    /// <param name="cancellation">Ends it.</param>
    public string Make(string name, Adapter adapter, CancellationToken cancellation)
    {
        var page = new StringBuilder();
        page.AppendLine($"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{Text(name)}</title><style>{Style}</style></head><body>");
        page.AppendLine($"<h1>{Text(name)}</h1><p>{Text(report.Reason)}</p>");
        foreach (var warning in report.Warnings)
        {
            page.AppendLine($"<p class=\"warning\">Warning: {Text(warning)}</p>");
        }

        page.AppendLine(
            $"<pre>{Text(report.ToText().Trim())}</pre><h2>Tiles before and after</h2><p>Green: drawn by you and found. Red: drawn, not found. Blue: found, not drawn. The part of each tile with the most nuclei is shown; \"after\" are weights that did not learn the tile.</p>");
        foreach (var (image, before, after) in adapter.Segment(result, cancellation))
        {
            var tile = result.Chosen.Own.Images.First(t => t.Name == image.Name);
            page.AppendLine(
                $"<h3>{Text(image.Name)}: PQ {AdaptationReport.Number(tile.First.PanopticQuality)} before, {AdaptationReport.Number(tile.Second.PanopticQuality)} after</h3>");
            page.AppendLine(Figure(image, before, "before") + Figure(image, after, "after"));
        }

        return page.AppendLine("</body></html>").ToString();
    }

    private static string Figure(LabelledImage image, LabelImage found, string caption)
    {
        var part = CropSelection.DensestPart(image, Shown);
        var (people, model) = (CropSelection.Cut(image.Labels, part), CropSelection.Cut(found, part));
        var drawn = DisagreementPicture.Draw(CropSelection.Cut(image.Image, part), people, model, new NucleusMatches(people, model, model));
        return $"<figure><img alt=\"{caption}\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(RgbImageFile.ToJpeg(drawn))}\"><figcaption>{caption}</figcaption></figure>";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
