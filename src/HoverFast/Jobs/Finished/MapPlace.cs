using System.Numerics;
using HoverFast.Slides;

namespace HoverFast.Jobs.Finished;

/// <summary>Takes places of a result to a tile's maps, and back.</summary>
/// <param name="Scale">Full-resolution pixels in a map pixel.</param>
/// <param name="Left">Full-resolution column of the maps' first.</param>
/// <param name="Top">Its row.</param>
/// <param name="Bounds">The slide's bounds, from whose corner results count.</param>
internal sealed record MapPlace(double Scale, double Left, double Top, PixelRect Bounds)
{
    /// <summary>A place of the result in map pixels.</summary>
    public (double X, double Y) Of(Vector2 place) => ((place.X + Bounds.X - Left) / Scale, (place.Y + Bounds.Y - Top) / Scale);

    /// <summary>A place of the maps in full-resolution pixels of the slide.</summary>
    public (double X, double Y) OnSlide(double x, double y) => (Left + (x * Scale), Top + (y * Scale));
}
