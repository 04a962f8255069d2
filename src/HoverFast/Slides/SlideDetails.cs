namespace HoverFast.Slides;

/// <summary>What a file states beside its pixels, as far as its reader looks for it.</summary>
public sealed record SlideDetails
{
    /// <summary>Nothing.</summary>
    public static SlideDetails None { get; } = new();

    /// <summary>The scanner or program that made the file, or null.</summary>
    public string? Scanner { get; init; }

    /// <summary>The objective's power, for example 40, or null.</summary>
    public double? Magnification { get; init; }

    /// <summary>The pictures beside the slide (label, macro, thumbnail) that are left out.</summary>
    public IReadOnlyList<AssociatedPicture> Associated { get; init; } = [];

    /// <summary>The ICC profile of the slide's colours, or null. Colours are read as they are stored unless it is asked for.</summary>
    public ReadOnlyMemory<byte>? ColourProfile { get; init; }

    /// <summary>What the reader decided on its own, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
