namespace HoverFast.Cluster.Slurm;

/// <summary>
/// Estimates a slide's core seconds from the bytes of its files: glass packs to nothing, so that bytes go with tissue. Each ending has a line of its
/// own (packings differ), through slides that were measured; others take the line of all.
/// </summary>
internal sealed class SlideTimes
{
    /// <summary>Core seconds of the smallest slide, and those of a byte where nothing was measured.</summary>
    private const double Least = 0.2;
    private const double UsualPerByte = 40e-9;

    private readonly Dictionary<string, (double Start, double PerByte)> _lines = new(StringComparer.OrdinalIgnoreCase);
    private readonly (double Start, double PerByte) _all;

    /// <summary>Draws the lines.</summary>
    /// <param name="measured">Slides that were measured: file, bytes, core seconds.</param>
    public SlideTimes(IReadOnlyCollection<(string Path, long Bytes, double CoreSeconds)> measured)
    {
        _all = Line(measured) ?? (Least, UsualPerByte);
        foreach (var group in measured.GroupBy(m => Path.GetExtension(m.Path), StringComparer.OrdinalIgnoreCase))
        {
            _lines[group.Key] = Line([.. group]) ?? _all;
        }
    }

    /// <summary>Core seconds of a slide.</summary>
    public double Of(string path, long bytes)
    {
        var (start, perByte) = _lines.GetValueOrDefault(Path.GetExtension(path), _all);
        return Math.Max(Least, start + (perByte * bytes));
    }

    /// <summary>The slides to measure of many: from the smallest to the largest, of each ending.</summary>
    /// <param name="slides">File and bytes of each.</param>
    /// <param name="perEnding">The most of each ending.</param>
    /// <returns>Their positions.</returns>
    public static IReadOnlyList<int> Sample(IReadOnlyList<(string Path, long Bytes)> slides, int perEnding) =>
    [
        .. Enumerable.Range(0, slides.Count)
            .GroupBy(i => Path.GetExtension(slides[i].Path), StringComparer.OrdinalIgnoreCase)
            .SelectMany(group =>
            {
                var sorted = group.OrderBy(i => slides[i].Bytes).ThenBy(i => slides[i].Path, StringComparer.Ordinal).ToList();
                var count = Math.Min(perEnding, sorted.Count);
                return Enumerable.Range(0, count).Select(k => sorted[(int)((k + 0.5) * sorted.Count / count)]);
            }),
    ];

    // Least squares, neither part below zero: a slide takes no less than nothing, and larger ones no less than smaller ones.
    private static (double Start, double PerByte)? Line(IReadOnlyCollection<(string Path, long Bytes, double CoreSeconds)> measured)
    {
        if (measured.Count == 0)
        {
            return null;
        }

        var (bytes, seconds) = (measured.Average(m => (double)m.Bytes), measured.Average(m => m.CoreSeconds));
        var spread = measured.Sum(m => (m.Bytes - bytes) * (m.Bytes - bytes));
        var slope = spread > 0 ? measured.Sum(m => (m.Bytes - bytes) * (m.CoreSeconds - seconds)) / spread : 0;
        return slope <= 0 ? (seconds, 0)
            : seconds - (slope * bytes) is var start and >= 0 ? (start, slope)
            : (0, measured.Sum(m => m.CoreSeconds * m.Bytes) / measured.Sum(m => (double)m.Bytes * m.Bytes));
    }
}
