namespace HoverFast.Slides;

/// <summary>Width and height in pixels.</summary>
public readonly record struct PixelSize(int Width, int Height)
{
    /// <summary>Width times height.</summary>
    public long Area => (long)Width * Height;

    /// <summary>For example "2220 x 2967".</summary>
    public override string ToString() => $"{Width} x {Height}";
}

/// <summary>A rectangle of pixels on one level of a slide (the level is named beside it). May reach outside the level.</summary>
public readonly record struct PixelRect(int X, int Y, int Width, int Height)
{
    /// <summary>First column to the right of the rectangle.</summary>
    public int Right => X + Width;

    /// <summary>First row below the rectangle.</summary>
    public int Bottom => Y + Height;

    /// <summary>The part that both rectangles cover; width or height 0 where they don't meet.</summary>
    public PixelRect Intersect(PixelRect other)
    {
        var x = Math.Max(X, other.X);
        var y = Math.Max(Y, other.Y);
        return new PixelRect(x, y, Math.Max(0, Math.Min(Right, other.Right) - x), Math.Max(0, Math.Min(Bottom, other.Bottom) - y));
    }
}

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
