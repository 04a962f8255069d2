namespace HoverFast.Slides;

/// <summary>
/// A rectangle on the slide's working grid: the grid of pixels of the model's mpp whose pixel (0,0) has its upper left
/// corner at the upper left corner of the slide's full-resolution pixel (0,0). It does not depend on how the slide is tiled.
/// </summary>
internal readonly record struct WorkingRect(int X, int Y, int Width, int Height)
{
    /// <summary>First column to the right of the rectangle.</summary>
    public int Right => X + Width;

    /// <summary>First row below the rectangle.</summary>
    public int Bottom => Y + Height;

    /// <summary>The rectangle grown by <paramref name="margin"/> working pixels on each side.</summary>
    public WorkingRect Grow(int margin) => new(X - margin, Y - margin, Width + (2 * margin), Height + (2 * margin));

    /// <summary>Whether the working-grid point lies in the rectangle (left and upper edge inside, right and lower edge outside).</summary>
    public bool Contains(double x, double y) => x >= X && x < Right && y >= Y && y < Bottom;
}
