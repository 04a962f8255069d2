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
        Types = types;
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

    private static T[] Checked<T>(T[] plane, int length) =>
        plane.Length >= length ? plane : throw new ArgumentException($"A plane needs {length} elements, this one has {plane.Length}.");
}
