using System.Security.Cryptography;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>The slide of a result.</summary>
public sealed record ManifestSlide
{
    /// <summary>File name.</summary>
    public required string File { get; init; }

    /// <summary>
    /// Hash of the file's whole path, lower-case hexadecimal: tells whether a result's name belongs to this input, and no folder of patients' names.
    /// </summary>
    // A file of old leaves it out; the generated reader then sets null, whatever the default.
    public string PathHash { get; init => field = value ?? ""; } = "";

    /// <summary>Format in words.</summary>
    public required string Format { get; init; }

    /// <summary>The scanner or program that the slide names; null where it names none, and in manifests of old.</summary>
    public string? Scanner { get; init; }

    /// <summary>Length of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Hash that tells slides apart, lower-case hexadecimal.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Full-resolution pixels in a row.</summary>
    public required int Width { get; init; }

    /// <summary>Full-resolution rows.</summary>
    public required int Height { get; init; }

    /// <summary>The part that holds the scan; coordinates count from its corner.</summary>
    public required PixelRect Bounds { get; init; }

    /// <summary>Pixel size in um at full resolution.</summary>
    public required double Mpp { get; init; }

    /// <summary>Where the pixel size comes from.</summary>
    public required string MppSource { get; init; }

    /// <summary>How the tissue was told from the glass.</summary>
    public required string Tissue { get; init; }

    /// <summary>
    /// Whether this is an input: the same place, whatever lies there now, or the same slide, wherever it lies. Manifests of old tell the file's name alone.
    /// </summary>
    internal bool IsOf(string path, string fingerprint) =>
        Fingerprint == fingerprint || (PathHash.Length > 0 ? PathHash == HashOf(path) : File == Path.GetFileName(path));

    internal static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Path.GetFullPath(path))));
}
