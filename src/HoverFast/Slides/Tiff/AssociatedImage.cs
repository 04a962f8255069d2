namespace HoverFast.Slides.Tiff;

/// <summary>Tells the pictures that come beside a slide (label, macro, thumbnail) by what files call them.</summary>
internal static class AssociatedImage
{
    private static readonly string[] _names = ["label", "macro", "thumbnail", "overview"];

    /// <summary>Whether a picture's name is that of one beside the slide.</summary>
    public static bool IsName(ReadOnlySpan<char> name) => Known(name) is not null;

    /// <summary>Whether a page's description says so.</summary>
    public static bool IsDescription(string description) => NameIn(description) is not null;

    /// <summary>The name of a picture beside the slide in a page's description, in the dialects of Aperio, Philips and Akoya; or null.</summary>
    public static string? NameIn(string description)
    {
        const string Type = "<ImageType>";
        var start = description.AsSpan(0, Math.Min(description.Length, 4000));
        var at = start.IndexOf(Type, StringComparison.Ordinal);
        if (at >= 0)
        {
            return Known(start[(at + Type.Length)..]);
        }

        // Aperio's second line starts with the picture's name.
        var line = start.IndexOf('\n');
        return Known(start) ?? (start.StartsWith("Aperio", StringComparison.Ordinal) && line >= 0 ? Known(start[(line + 1)..]) : null);
    }

    private static string? Known(ReadOnlySpan<char> name)
    {
        name = name.Trim();
        foreach (var known in _names)
        {
            if (name.StartsWith(known, StringComparison.OrdinalIgnoreCase))
            {
                return known;
            }
        }

        return null;
    }
}
