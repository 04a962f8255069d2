using System.Globalization;
using HoverFast.Output.Drawing;
using SkiaSharp;

namespace HoverFast.Jobs.Finished;

/// <summary>Draws the views of a nucleus and its measurements as one picture.</summary>
internal static class ExplanationSheet
{
    private const int Columns = 4;
    private const int Gap = 12;
    private const int Words = 20;
    private const int LetterSize = 13;
    private const int Cell = ExplanationViews.Side;

    /// <summary>Writes the PNG.</summary>
    public static void Write(Stream stream, NucleusExplanation nucleus, ExplanationViews views)
    {
        var rows = (views.All.Count + Columns) / Columns;
        using var sheet = new SKBitmap(Gap + (Columns * (Cell + Gap)), (2 * Words) + Gap + (rows * (Cell + Words + Gap)));
        using var canvas = new SKCanvas(sheet);
        using var typeface = Lettering.NewTypeface();
        using var font = new SKFont(typeface, LetterSize);
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        canvas.Clear(SKColors.White);
        canvas.DrawText($"{nucleus.Result}: nucleus {nucleus.Id}{(nucleus.Type is { } type ? $", {type}" : "")}", Gap, Words, SKTextAlign.Left, font, ink);
        for (var i = 0; i <= views.All.Count; i++)
        {
            var (x, y) = (Gap + (i % Columns * (Cell + Gap)), (2 * Words) + Gap + (i / Columns * (Cell + Words + Gap)));
            var title = i < views.All.Count ? views.All[i].Title : $"Percentiles: {nucleus.Nuclei} nuclei of the slide; training";
            canvas.DrawText(title, x, y - 6, SKTextAlign.Left, font, ink);
            if (i < views.All.Count)
            {
                canvas.DrawBitmap(views.All[i].Picture, x, y, SKSamplingOptions.Default);
            }
            else
            {
                Measurements(canvas, nucleus.Measurements, x, y, font, ink);
                canvas.DrawText(nucleus.Teacher ?? "", x + Cell + Gap, y + LetterSize, SKTextAlign.Left, font, ink);
            }
        }

        canvas.Flush();
        sheet.Encode(stream, SKEncodedImageFormat.Png, 100);
    }

    // A bar from 0 to the percentile behind each line.
    private static void Measurements(SKCanvas canvas, IReadOnlyList<ExplainedMeasurement> measurements, int x, int y, SKFont font, SKPaint ink)
    {
        const int Line = 18;
        using var bar = new SKPaint { Color = new SKColor(190, 215, 240) };
        using var rest = new SKPaint { Color = new SKColor(238, 241, 245) };
        for (var i = 0; i < measurements.Count && (i + 1) * Line <= Cell; i++)
        {
            var (measurement, top) = (measurements[i], y + (i * Line));
            canvas.DrawRect(x, top + 1, Cell, Line - 2, rest);
            canvas.DrawRect(x, top + 1, (float)(Cell * measurement.Percentile / 100), Line - 2, bar);
            var words = string.Create(CultureInfo.InvariantCulture, $"{measurement.Name}: {Math.Round(measurement.Value, 3)}");
            canvas.DrawText(words, x + 4, top + LetterSize, SKTextAlign.Left, font, ink);
            var places = string.Create(
                CultureInfo.InvariantCulture,
                $"{measurement.Percentile:0}{(measurement.TrainingPercentile is { } learned ? $"; {learned:0}" : "")}");
            canvas.DrawText(places, x + Cell - 4, top + LetterSize, SKTextAlign.Right, font, ink);
        }
    }
}
