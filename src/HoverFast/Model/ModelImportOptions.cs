namespace HoverFast.Model;

/// <summary>Words for the card of an imported model.</summary>
public sealed record ModelImportOptions
{
    /// <summary>The model's name; null takes the file's.</summary>
    public string? Name { get; init; }

    /// <summary>Licence of the weights; null says that it isn't known.</summary>
    public string? Licence { get; init; }

    /// <summary>Pixel size that the checkpoint was trained at, um/px; null takes 0.25, that of the published ones.</summary>
    public double? Mpp { get; init; }

    /// <summary>A file in the form of HoVer-Net's <c>type_info.json</c> that names the nucleus types; null takes the published names.</summary>
    public string? TypesPath { get; init; }
}
