using HoverFast.Files;
using HoverFast.Jobs;

namespace HoverFast.Server.Slides;

/// <summary>A slide with its result, or one of both.</summary>
/// <param name="Id">What the page calls it: a hash of its name.</param>
/// <param name="Name">Name of its result.</param>
/// <param name="Path">The slide; null where a result's slide lies in none of the folders.</param>
/// <param name="Manifest">The result; null where there is none yet.</param>
internal sealed record SlideEntry(string Id, string Name, string? Path, Manifest? Manifest)
{
    /// <summary>The slide's path.</summary>
    /// <exception cref="Hosting.RequestException">It isn't there.</exception>
    public string RequirePath() => Path ?? throw Hosting.RequestException.NotFound("slide in the folders given");

    /// <summary>Changes with the slide's file.</summary>
    public string Stamp => StampOf(Path);

    /// <summary>Changes with a file; "0" where there is none.</summary>
    public static string StampOf(string? path) => path is not null && FileStatus.ChangeOf(path) is var (length, changed) ? $"{length:x}{changed.Ticks:x}" : "0";
}
