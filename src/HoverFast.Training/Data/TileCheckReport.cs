using System.Globalization;

namespace HoverFast.Training.Data;

/// <summary>What <see cref="TileCheck"/> found.</summary>
/// <param name="Folder">The data set's folder.</param>
/// <param name="Mpp">Its pixel size in um/px.</param>
/// <param name="Tiles">The tiles by name.</param>
/// <param name="SetErrors">Why nothing can be learned from the set as a whole.</param>
/// <param name="SetWarnings">What a user should look at in the set as a whole.</param>
internal sealed record TileCheckReport(
    string Folder,
    double Mpp,
    IReadOnlyList<TileSummary> Tiles,
    IReadOnlyList<string> SetErrors,
    IReadOnlyList<string> SetWarnings)
{
    /// <summary>Nuclei of all tiles.</summary>
    public int Nuclei => Tiles.Sum(t => t.Nuclei);

    /// <summary>Median diameter of the nuclei of all tiles in um; null where there are none.</summary>
    public double? MedianDiameter => Tiles.SelectMany(t => t.Diameters).Order().ToList() is { Count: > 0 } all ? all[all.Count / 2] : null;

    /// <summary>All reasons not to learn from the set.</summary>
    public IEnumerable<string> Errors => Tiles.SelectMany(t => t.Errors).Concat(SetErrors);

    /// <summary>All that a user should look at.</summary>
    public IEnumerable<string> Warnings => Tiles.SelectMany(t => t.Warnings).Concat(SetWarnings);

    /// <summary>Tiles of the sets that are judged by that show the same picture as one that is learned from.</summary>
    public static IReadOnlyList<string> Shared(IEnumerable<TileCheckReport> learned, IEnumerable<TileCheckReport> judged)
    {
        var known = learned
            .SelectMany(r => r.Tiles)
            .Where(t => t.PictureHash != 0)
            .GroupBy(t => t.PictureHash)
            .ToDictionary(g => g.Key, g => g.First().File.Picture);
        return
        [
            .. judged
                .SelectMany(r => r.Tiles)
                .Where(t => known.ContainsKey(t.PictureHash))
                .Select(t => $"{t.File.Picture}: is learned from too, as {known[t.PictureHash]}; scores on it say nothing."),
        ];
    }

    /// <summary>Writes a line for each of the first <paramref name="most"/> tiles, and a line for all together.</summary>
    public void Write(TextWriter log, int most = int.MaxValue)
    {
        var width = Math.Max(4, Tiles.Max(t => t.File.Name.Length));
        log.WriteLine($"{"tile".PadRight(width)}       pixels  nuclei  median um");
        foreach (var tile in Tiles.Take(most))
        {
            log.WriteLine(Line(tile.File.Name.PadRight(width), tile.Size.ToString(), tile.Nuclei, tile.MedianDiameter));
        }

        if (most > 0 && Tiles.Count > most)
        {
            log.WriteLine($"... and {Tiles.Count - most} more");
        }

        log.WriteLine(Line("all".PadRight(width), Tiles.Count == 1 ? "1 tile" : $"{Tiles.Count} tiles", Nuclei, MedianDiameter));
    }

    /// <summary>Writes warnings, each on a line.</summary>
    public void WriteWarnings(TextWriter log)
    {
        foreach (var warning in Warnings)
        {
            log.WriteLine("warning: " + warning);
        }
    }

    /// <summary>Refuses a set that nothing can be learned from.</summary>
    /// <exception cref="TrainingException">There are errors; the message holds the first few.</exception>
    public void ThrowIfUnusable() => ThrowIfAny([.. Errors], all: false);

    /// <summary>Refuses data for these reasons, if there are any.</summary>
    /// <param name="errors">The reasons.</param>
    /// <param name="all">Whether the message holds all of them, and not the first five alone.</param>
    /// <exception cref="TrainingException">There are reasons.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> errors, bool all)
    {
        var shown = all ? errors.Count : Math.Min(5, errors.Count);
        if (errors.Count > 0)
        {
            throw new TrainingException(
                string.Join("\n       ", errors.Take(shown)) + (errors.Count > shown ? $"\n       ... and {errors.Count - shown} more; --check shows all." : "")
            );
        }
    }

    private static string Line(string name, string size, int nuclei, double? median) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name} {size, 12} {nuclei, 7}  {(median is { } m ? m.ToString("0.0", CultureInfo.InvariantCulture) : "-"), 9}");
}
