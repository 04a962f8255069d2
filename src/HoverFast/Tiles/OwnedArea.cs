namespace HoverFast.Tiles;

/// <summary>An area of the working grid that may be open to any side: left and upper edge belong to it, right and lower edge don't.</summary>
/// <param name="Left">First column, or negative infinity.</param>
/// <param name="Top">First row, or negative infinity.</param>
/// <param name="Right">First column beyond, or positive infinity.</param>
/// <param name="Bottom">First row beyond, or positive infinity.</param>
internal readonly record struct OwnedArea(double Left, double Top, double Right, double Bottom)
{
    /// <summary>The whole plane.</summary>
    public static OwnedArea Everything { get; } =
        new(double.NegativeInfinity, double.NegativeInfinity, double.PositiveInfinity, double.PositiveInfinity);

    /// <summary>Whether the point lies in the area.</summary>
    public bool Contains(double x, double y) => x >= Left && x < Right && y >= Top && y < Bottom;

    /// <summary>The area with a margin on all sides.</summary>
    internal OwnedArea Grown(double margin) => new(Left - margin, Top - margin, Right + margin, Bottom + margin);
}
