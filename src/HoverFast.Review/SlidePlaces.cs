using HoverFast.Files;
using HoverFast.Slides;

namespace HoverFast.Review;

/// <summary>Where the slides of results lie.</summary>
/// <param name="find">Finds a slide by the name of its result and its own file name; null where it isn't there.</param>
/// <param name="words">The places in words, for messages.</param>
public sealed class SlidePlaces(Func<string, string, string?> find, string words)
{
    /// <summary>Slides in folders, at any depth, and single files.</summary>
    /// <param name="places">The folders and files.</param>
    public static SlidePlaces In(IReadOnlyList<string> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        var files = places.SelectMany(p => Directory.Exists(p) ? FolderFiles.Below(p) : [p])
            .DistinctBy(Path.GetFileName, StringComparer.Ordinal).ToDictionary(f => Path.GetFileName(f), StringComparer.Ordinal);
        return new SlidePlaces((_, file) => files.GetValueOrDefault(file), string.Join(", ", places));
    }

    /// <summary>Opens the slide of a result.</summary>
    /// <exception cref="ReviewException">It isn't there.</exception>
    internal ISlide Open(string result, string file) =>
        Slide.Open(find(result, file) ?? throw new ReviewException(
            $"{words}: holds no slide {file}, which {result} is the result of. Name the folder that it lies in."));
}
