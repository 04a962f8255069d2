namespace HoverFast.Review.Fields;

/// <summary>
/// A field to review: a square of a slide. A nucleus belongs to it when its centroid lies inside (left and upper edge inside, right and lower outside).
/// </summary>
/// <param name="Id">Its name, unique in the folder, for example "random-1.03".</param>
/// <param name="Slide">Name of the slide's result.</param>
/// <param name="X">Left edge in full-resolution pixels from the corner of the slide's bounds.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width in full-resolution pixels.</param>
/// <param name="Height">Height in full-resolution pixels.</param>
/// <param name="Inclusion">How likely the field was to be among those drawn, above 0 to 1; null where the fields weren't drawn at random.</param>
public sealed record ReviewField(string Id, string Slide, int X, int Y, int Width, int Height, double? Inclusion)
{
    /// <summary>Name of the session that it was drawn in: all of its own before the last point.</summary>
    internal string Session => Id[..Math.Max(0, Id.LastIndexOf('.'))];

    /// <summary>Whether a point lies in it.</summary>
    public bool Contains(double x, double y) => x >= X && y >= Y && x < X + Width && y < Y + Height;
}
