namespace HoverFast.Slides;

/// <summary>Kinds of problems with a slide that a program may know a way out of.</summary>
public enum SlideProblem
{
    /// <summary>The file can't be used as it is; the message says why.</summary>
    Unusable,

    /// <summary>Neither the file nor the caller states a pixel size, or it can't be true.</summary>
    PixelSize,
}
