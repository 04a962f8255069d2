using System.Globalization;

namespace HoverFast.Slides.Tiff;

/// <summary>What ImageJ writes into a page's description: lines of key=value.</summary>
internal sealed class ImageJDescription
{
    private const int LongestText = 1 << 16;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads a description; another program's holds nothing.</summary>
    public ImageJDescription(string description)
    {
        IsImageJ = description.StartsWith("ImageJ=", StringComparison.Ordinal);
        if (!IsImageJ)
        {
            return;
        }

        foreach (var line in description.AsSpan(0, Math.Min(description.Length, LongestText)).EnumerateLines())
        {
            var at = line.IndexOf('=');
            if (at > 0)
            {
                _values.TryAdd(line[..at].Trim().ToString(), line[(at + 1)..].Trim().ToString());
            }
        }
    }

    /// <summary>Whether ImageJ wrote it.</summary>
    public bool IsImageJ { get; }

    /// <summary>Pictures in the stack.</summary>
    public int Images => Number("images");

    /// <summary>Channels.</summary>
    public int Channels => Number("channels");

    /// <summary>How channels are shown: "composite", "color", "grayscale", or empty.</summary>
    public string Mode => _values.GetValueOrDefault("mode", string.Empty);

    /// <summary>The unit of the resolution tags, or empty.</summary>
    public string Unit => _values.GetValueOrDefault("unit", string.Empty);

    private int Number(string key) =>
        int.TryParse(_values.GetValueOrDefault(key), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 1;
}
