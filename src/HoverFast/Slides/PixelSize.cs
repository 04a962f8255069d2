namespace HoverFast.Slides;

/// <summary>Width and height in pixels.</summary>
public readonly record struct PixelSize(int Width, int Height)
{
    /// <summary>Width times height.</summary>
    public long Area => (long)Width * Height;

    /// <summary>For example "2220 x 2967".</summary>
    public override string ToString() => $"{Width} x {Height}";
}
