namespace HoverFast.Slides.Tiff;

/// <summary>Tells the pictures that come beside a slide (label, macro, thumbnail) by what files call them.</summary>
internal static class AssociatedImage
{
    private static readonly string[] _names = ["label", "macro", "thumbnail", "overview"];

    /// <summary>Whether a picture's name is that of one beside the slide.</summary>
    public static bool IsName(ReadOnlySpan<char> name)
    {
        name = name.Trim();
        foreach (var known in _names)
        {
            if (name.StartsWith(known, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a page's description says so, in the dialects of Aperio, Philips and Akoya.</summary>
    public static bool IsDescription(string description)
    {
        if (IsName(description))
        {
            return true;
        }

        const string Type = "<ImageType>";
        var start = description.AsSpan(0, Math.Min(description.Length, 4000));
        var at = start.IndexOf(Type, StringComparison.Ordinal);
        if (at >= 0)
        {
            return IsName(start[(at + Type.Length)..]);
        }

        // Aperio's second line starts with the picture's name.
        var line = start.IndexOf('\n');
        return start.StartsWith("Aperio", StringComparison.Ordinal) && line >= 0 && IsName(start[(line + 1)..]);
    }
}
