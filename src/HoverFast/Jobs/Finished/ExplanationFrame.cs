using System.Numerics;
using HoverFast.Nuclei;
using HoverFast.Slides;
using SkiaSharp;

namespace HoverFast.Jobs.Finished;

/// <summary>The square around a nucleus that all views show: draws pixels of maps and of the slide into it, with the outline and dots over them.</summary>
/// <param name="window">The square in map pixels.</param>
/// <param name="place">Takes places of the result to map pixels.</param>
/// <param name="outline">The nucleus, in the result's pixels.</param>
/// <param name="side">Pixels on a side of a view.</param>
internal sealed class ExplanationFrame(MapArea window, MapPlace place, Vector2[] outline, int side)
{
    /// <summary>A picture of map pixels, a pixel each.</summary>
    public SKBitmap Pixels(Func<int, int, SKColor> colour)
    {
        var picture = new SKBitmap(window.Width, window.Height);
        for (var y = 0; y < window.Height; y++)
        {
            for (var x = 0; x < window.Width; x++)
            {
                picture.SetPixel(x, y, colour(window.Left + x, window.Top + y));
            }
        }

        return picture;
    }

    /// <summary>The slide's own pixels in the square; white beyond its edge.</summary>
    /// <exception cref="SlideException">They can't be read.</exception>
    public SKBitmap Slide(ISlide slide, PixelRect bounds)
    {
        var (left, top) = place.OnSlide(window.Left, window.Top);
        var (right, bottom) = place.OnSlide(window.Left + window.Width, window.Top + window.Height);
        var rect = new PixelRect((int)Math.Round(left), (int)Math.Round(top), (int)Math.Round(right - left), (int)Math.Round(bottom - top));
        var picture = new SKBitmap(rect.Width, rect.Height);
        picture.Erase(SKColors.White);
        var (fromX, fromY) = (Math.Max(rect.X, bounds.X), Math.Max(rect.Y, bounds.Y));
        var (toX, toY) = (Math.Min(rect.X + rect.Width, bounds.X + bounds.Width), Math.Min(rect.Y + rect.Height, bounds.Y + bounds.Height));
        var pixels = new RgbImage(toX - fromX, toY - fromY);
        slide.Read(0, 1, new PixelRect(fromX, fromY, pixels.Width, pixels.Height), pixels);
        for (var y = 0; y < pixels.Height; y++)
        {
            var row = pixels.Row(y);
            for (var x = 0; x < pixels.Width; x++)
            {
                picture.SetPixel(fromX - rect.X + x, fromY - rect.Y + y, new SKColor(row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]));
            }
        }

        return picture;
    }

    /// <summary>A view: the pixels enlarged, the outline, dots at places of the maps, and other outlines below in another colour.</summary>
    public SKBitmap Draw(
        SKBitmap pixels,
        bool outlined,
        IReadOnlyList<(double X, double Y)>? dots = null,
        IReadOnlyList<Vector2[]>? others = null)
    {
        var view = new SKBitmap(side, side);
        using var canvas = new SKCanvas(view);
        using var image = SKImage.FromBitmap(pixels);
        canvas.DrawImage(image, SKRect.Create(0, 0, side, side), new SKSamplingOptions(SKFilterMode.Nearest));
        foreach (var other in others ?? [])
        {
            Stroke(canvas, other, new SKColor(255, 140, 0));
        }

        if (outlined)
        {
            Stroke(canvas, outline, new SKColor(80, 255, 80));
        }

        using var edge = new SKPaint { Color = SKColors.White, IsAntialias = true };
        using var dot = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        foreach (var (x, y) in dots ?? [])
        {
            var at = InView(x, y);
            canvas.DrawCircle(at, 5, edge);
            canvas.DrawCircle(at, 3.5f, dot);
        }

        canvas.Flush();
        return view;
    }

    private void Stroke(SKCanvas canvas, Vector2[] ring, SKColor colour)
    {
        using var path = PathOf(ring);
        using var under = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 4, Color = SKColors.Black, IsAntialias = true };
        using var over = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 2, Color = colour, IsAntialias = true };
        canvas.DrawPath(path, under);
        canvas.DrawPath(path, over);
    }

    private SKPath PathOf(Vector2[] ring)
    {
        using var builder = new SKPathBuilder();
        for (var i = 0; i < ring.Length; i++)
        {
            var (x, y) = place.Of(ring[i]);
            if (i == 0)
            {
                builder.MoveTo(InView(x, y));
            }
            else
            {
                builder.LineTo(InView(x, y));
            }
        }

        builder.Close();
        return builder.Detach();
    }

    private SKPoint InView(double x, double y) => new((float)((x - window.Left) * side / window.Width), (float)((y - window.Top) * side / window.Height));
}
