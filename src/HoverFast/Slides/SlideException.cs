using HoverFast.Files;

namespace HoverFast.Slides;

/// <summary>A slide or image that can't be opened or read. The message names the file and the way out.</summary>
public sealed class SlideException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">What is wrong and what the user can do, one or two sentences without the file name.</param>
    /// <param name="inner">The cause, if any.</param>
    public SlideException(string path, string problem, Exception? inner = null)
        : base($"{path}: {PrintableText.Of(problem)}", inner)
    {
        Path = path;
        Problem = PrintableText.Of(problem);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is wrong, without the file name.</summary>
    public string Problem { get; }

    /// <summary>What kind of problem it is, for programs that know a way out.</summary>
    public SlideProblem Kind { get; init; }

    /// <summary>The level-0 region that could not be decoded, when only that is damaged; null when the whole file is unusable.</summary>
    public PixelRect? Region { get; init; }
}
