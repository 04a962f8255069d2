using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>Checks the data of a whole run before it starts, and shows it.</summary>
internal static class RunCheck
{
    /// <summary>Tiles named in a table that isn't asked for.</summary>
    private const int Few = 0;

    /// <summary>Checks the sets, writes what was found, and draws a sheet of each that is learned from.</summary>
    /// <param name="learned">Sets that are learned from.</param>
    /// <param name="judged">Sets that are judged by.</param>
    /// <param name="baseFolder">Folder from which their paths are looked up.</param>
    /// <param name="sheets">Folder for the sheets, labels-NAME.png.</param>
    /// <param name="everyTile">Whether each tile has a line, and not each set alone.</param>
    /// <param name="log">Takes the tables and warnings.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="TrainingException">Nothing can be learned from a set; the message names the first tiles and reasons.</exception>
    public static void Run(
        IEnumerable<DataSetConfiguration> learned,
        IEnumerable<DataSetConfiguration> judged,
        string baseFolder,
        string sheets,
        bool everyTile,
        TextWriter log,
        CancellationToken cancellation)
    {
        var train = learned.Select(s => Check(s)).ToList();
        var validate = judged.Select(s => Check(s)).ToList();
        foreach (var (set, report) in train.Concat(validate))
        {
            log.WriteLine();
            log.WriteLine($"{set.Name} ({set.Folder})");
            report.Write(log, everyTile ? int.MaxValue : Few);
            report.WriteWarnings(log);
        }

        log.WriteLine();
        foreach (var (set, report) in train)
        {
            var sheet = Path.Combine(sheets, $"labels-{string.Concat(set.Name.Split(Path.GetInvalidFileNameChars()))}.png");
            RgbImageFile.WritePng(sheet, LabelSheet.Draw(report));
            log.WriteLine($"labels drawn over tiles: {sheet}");
        }

        var shared = TileCheckReport.Shared(train.Select(t => t.Report), validate.Select(t => t.Report));
        TileCheckReport.ThrowIfAny([.. train.Concat(validate).SelectMany(t => t.Report.Errors), .. shared], everyTile);

        (DataSetConfiguration Set, TileCheckReport Report) Check(DataSetConfiguration set) =>
            (set, TileCheck.Run(Path.GetFullPath(Path.Combine(baseFolder, set.Folder)), set.Mpp, set.Only, cancellation));
    }
}
