using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Jobs.Finished;
using HoverFast.Slides;

namespace HoverFast.Review;

/// <summary>Where the slides of results lie.</summary>
public sealed class SlidePlaces
{
    private readonly Func<string, ManifestSlide, string?> _find;
    private readonly string _words;

    /// <summary>Slides that are found by names.</summary>
    /// <param name="find">Finds a slide by the name of its result and its own file name; null where it isn't there.</param>
    /// <param name="words">The places in words, for messages.</param>
    public SlidePlaces(Func<string, string, string?> find, string words)
        : this((result, slide) => find(result, slide.File), words)
    {
    }

    private SlidePlaces(Func<string, ManifestSlide, string?> find, string words) => (_find, _words) = (find, words);

    /// <summary>Slides in folders, at any depth, and single files. Of several of one name, the one that was segmented.</summary>
    /// <param name="places">The folders and files.</param>
    public static SlidePlaces In(IReadOnlyList<string> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        var files = places.SelectMany(p => Directory.Exists(p) ? FolderFiles.Below(p) : [p])
            .Distinct(StringComparer.Ordinal).ToLookup(f => Path.GetFileName(f), StringComparer.Ordinal);
        return new SlidePlaces(Find, string.Join(", ", places));

        string? Find(string result, ManifestSlide slide) =>
            files[slide.File].ToList() is { Count: > 1 } several ? SlideSearch.Among(several, slide) : files[slide.File].FirstOrDefault();
    }

    /// <summary>Opens the slide of a result.</summary>
    /// <exception cref="ReviewException">It isn't there.</exception>
    internal ISlide Open(string result, ManifestSlide slide) =>
        Slide.Open(_find(result, slide) ?? throw new ReviewException(
            $"{_words}: holds no slide {slide.File}, which {result} is the result of. Name the folder that it lies in."));
}
