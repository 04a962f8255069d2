namespace HoverFast.Jobs;

/// <summary>The settings of a result.</summary>
public sealed record ManifestSettings
{
    /// <summary>The stain.</summary>
    public required string Stain { get; init; }

    /// <summary>Working pixels on a side of a tile.</summary>
    public required int TileSize { get; init; }

    /// <summary>Mirrored and turned views of each tile whose answers were averaged.</summary>
    public int Views { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>Whether damaged regions were taken as blank.</summary>
    public required bool SkipCorrupt { get; init; }

    /// <summary>How maps became nuclei.</summary>
    public required string Finder { get; init; }

    /// <summary>Whether colours were brought to sRGB where the file carries an ICC profile.</summary>
    public bool ToSrgb { get; init; }

    /// <summary>The folder of tissue masks, or null.</summary>
    public string? MaskFolder { get; init; }

    /// <summary>The region that was searched, or null.</summary>
    public string? Region { get; init; }

    /// <summary>How far outlines were simplified, in full-resolution pixels; 0 where they were not.</summary>
    public double Simplify { get; init; }
}
