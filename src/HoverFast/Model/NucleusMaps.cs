namespace HoverFast.Model;

/// <summary>
/// What the network says of a tile: planes of nucleus probability and of horizontal and vertical maps (HV maps, Graham et al.,
/// HoVer-Net, MedIA 2019): inside a nucleus the signed distance to its centroid, -1 at its left (upper) and +1 at its right
/// (lower) edge. All on one fixed byte scale, so that nothing depends on the tile that a nucleus lies in.
/// </summary>
public sealed class NucleusMaps
{
    /// <summary>The byte that stands for 1.0 in <see cref="Horizontal"/> and <see cref="Vertical"/>; the range is -1.27 to 1.27.</summary>
    public const int HvScale = 100;

    /// <summary>The byte that stands for probability 1 in <see cref="Probability"/>.</summary>
    public const int ProbabilityScale = 255;

    /// <summary>Makes maps over new memory, or over given planes of at least width x height elements.</summary>
    public NucleusMaps(int width, int height, byte[]? probability = null, sbyte[]? horizontal = null, sbyte[]? vertical = null, byte[]? types = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var n = checked(width * height);
        Width = width;
        Height = height;
        Probability = Checked(probability ?? new byte[n], n);
        Horizontal = Checked(horizontal ?? new sbyte[n], n);
        Vertical = Checked(vertical ?? new sbyte[n], n);
        Types = types is null ? null : Checked(types, n);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Nucleus probability x 255, row-major.</summary>
    public byte[] Probability { get; }

    /// <summary>Horizontal map x 100, row-major, -127 to 127.</summary>
    public sbyte[] Horizontal { get; }

    /// <summary>Vertical map x 100, row-major, -127 to 127.</summary>
    public sbyte[] Vertical { get; }

    /// <summary>Most probable nucleus type per pixel (0 is background), for models that know types; else null.</summary>
    public byte[]? Types { get; }

    /// <summary>
    /// How far several answers disagree about the probability, row-major, as <see cref="MapSums.Disagreement"/> has it; null where that isn't told.
    /// </summary>
    internal byte[]? Disagreement { get; set; }

    /// <summary>The probability at a place between pixels, in its byte's units: bilinear, the outermost pixels' beyond them.</summary>
    /// <param name="x">Columns from the left edge; the first pixel's centre is 0.5.</param>
    /// <param name="y">Rows from the upper edge.</param>
    internal double ProbabilityAt(double x, double y)
    {
        (x, y) = (Math.Clamp(x - 0.5, 0, Width - 1), Math.Clamp(y - 0.5, 0, Height - 1));
        var (left, top) = (Math.Min((int)x, Math.Max(0, Width - 2)), Math.Min((int)y, Math.Max(0, Height - 2)));
        var (right, bottom) = (Math.Min(left + 1, Width - 1), Math.Min(top + 1, Height - 1));
        var (alongX, alongY) = (x - left, y - top);
        return (((Probability[(top * Width) + left] * (1 - alongX)) + (Probability[(top * Width) + right] * alongX)) * (1 - alongY))
            + (((Probability[(bottom * Width) + left] * (1 - alongX)) + (Probability[(bottom * Width) + right] * alongX)) * alongY);
    }

    /// <summary>Copies a block of all planes into other maps.</summary>
    /// <param name="left">First column of the block.</param>
    /// <param name="top">First row of the block.</param>
    /// <param name="width">Columns of the block.</param>
    /// <param name="height">Rows of the block.</param>
    /// <param name="target">Takes the block; has types if these maps have them.</param>
    /// <param name="targetLeft">Where its first column goes.</param>
    /// <param name="targetTop">Where its first row goes.</param>
    internal void CopyBlock(int left, int top, int width, int height, NucleusMaps target, int targetLeft, int targetTop)
    {
        for (var y = 0; y < height; y++)
        {
            var from = ((top + y) * Width) + left;
            var to = ((targetTop + y) * target.Width) + targetLeft;
            Probability.AsSpan(from, width).CopyTo(target.Probability.AsSpan(to));
            Horizontal.AsSpan(from, width).CopyTo(target.Horizontal.AsSpan(to));
            Vertical.AsSpan(from, width).CopyTo(target.Vertical.AsSpan(to));
            Types?.AsSpan(from, width).CopyTo(target.Types.AsSpan(to));
        }
    }

    private static T[] Checked<T>(T[] plane, int length) =>
        plane.Length >= length ? plane : throw new ArgumentException($"A plane needs {length} elements, this one has {plane.Length}.");
}
