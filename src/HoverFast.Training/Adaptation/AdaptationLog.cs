using System.Globalization;
using HoverFast.Files.Chains;
using HoverFast.Jobs;
using HoverFast.Model;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Writes an adaptation into an audit log, also one that gave no model: who, when, from which model, on which tiles, with what gain, and hashes.
/// </summary>
/// <param name="path">The log.</param>
/// <param name="who">Who has the model made.</param>
internal sealed class AdaptationLog(string path, string who)
{
    /// <summary>The log of a run: the one that is named, or the one that the model's folder keeps; null where there is neither.</summary>
    /// <param name="named">The log that the user names; made if it is missing.</param>
    /// <param name="model">The model that will be written.</param>
    /// <param name="who">Who has it made.</param>
    /// <exception cref="BrokenLogException">The log's chain doesn't hold: nothing is to be done that can't be written down.</exception>
    /// <exception cref="IOException">It can't be written.</exception>
    public static AdaptationLog? Open(string? named, string model, string who)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
        var path = named ?? Path.Combine(folder, AuditEntry.FileName);
        if (named is null && !File.Exists(path))
        {
            return null;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        ChainedFile.Begin(path).Dispose();
        return new AdaptationLog(path, who);
    }

    /// <summary>Writes the entry.</summary>
    /// <param name="start">The model that it began from.</param>
    /// <param name="tiles">The folder of tiles, and how many there are.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="files">The model's files, in their place where one was written.</param>
    public void Write(ModelCard start, (string Folder, int Count) tiles, AdaptationResult result, AdaptedModelFiles files)
    {
        var own = result.Chosen.Own;
        string[] written = result.IsBetter ? [files.Float32, files.Integer, files.ReportJson, files.ReportHtml] : [];
        var scores = string.Create(CultureInfo.InvariantCulture, $"{own.First.PanopticQuality.Mean:0.000}, afterwards {own.Second.PanopticQuality.Mean:0.000}");
        var interval = string.Create(CultureInfo.InvariantCulture, $"{own.Gain.Low:+0.000;-0.000} to {own.Gain.High:+0.000;-0.000}");
        var gain = string.Create(CultureInfo.InvariantCulture, $"PQ on held-out tiles {scores} (gain {own.Gain.Mean:+0.000;-0.000}, {interval})");
        var entry = new AuditEntry
        {
            When = DateTimeOffset.UtcNow,
            Who = who,
            What = result.IsBetter ? "adapted" : "adaptation gave no model",
            Result = Path.GetFileName(files.Float32),
            Program = Manifest.ProgramVersion(),
            Model = start.Sha256,
            Sha256 = result.IsBetter ? ResultVerification.HashOf(files.Float32) : "",
            Files = AuditEntry.HashesOf(path, written),
            Note = $"from {start.Name} {start.Version}, {tiles.Count} tiles of {Path.GetFileName(tiles.Folder)}; {gain}",
        };
        ChainedFile.Append(path, entry.ToJson());
    }
}
