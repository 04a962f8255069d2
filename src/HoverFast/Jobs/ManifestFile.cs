using HoverFast.Files;

namespace HoverFast.Jobs;

/// <summary>A file of a result.</summary>
public sealed record ManifestFile
{
    /// <summary>What it holds.</summary>
    public ResultKind? Kind { get; init; }

    /// <summary>What its colours tell, where that is not the usual; else null.</summary>
    public string? ColouredBy { get; init; }

    /// <summary>Its path from the manifest's folder, with slashes.</summary>
    public required string File { get; init; }

    /// <summary>Length.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Where the file is in its manifest's folder; null where the path leads out of it, as in no manifest of ours.</summary>
    internal string? PathIn(string folder)
    {
        var path = Path.GetFullPath(Path.Combine(folder, File));
        return path.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : null;
    }

    /// <summary>Whether the file in a folder still holds what is described: its length first, which is told at once, then its hash.</summary>
    internal bool IsWholeIn(string folder)
    {
        try
        {
            return PathIn(folder) is { } path && RegularFile.Exists(path) && RegularFile.LengthOf(path) == Bytes && RegularFile.HashOf(path) == Sha256;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Describes a file that is there.</summary>
    internal static ManifestFile Of(ResultFile file, string folder) => new()
    {
        Kind = file.Kind,
        ColouredBy = file.ColouredBy,
        File = Path.GetRelativePath(folder, file.Path).Replace(Path.DirectorySeparatorChar, '/'),
        Bytes = RegularFile.LengthOf(file.Path),
        Sha256 = RegularFile.HashOf(file.Path),
    };
}
