using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Training.Export;
using HoverFast.Training.Optimisation;

namespace HoverFast.Training.Adaptation;

/// <summary>The files that adapting leaves: MODEL.onnx with its card, MODEL-int8.onnx with its card, the report, and crops of the tiles.</summary>
internal sealed class AdaptedModelFiles(string path)
{
    private readonly string _stem = Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path));

    public string Float32 => path;

    public string Integer => StartingModel.IntegerName(path);

    public string ReportJson => _stem + ".report.json";

    public string ReportHtml => _stem + ".report.html";

    public string Rehearsal => RehearsalPack.BesideModel(path);

    private IEnumerable<string> All => [Float32, ModelCard.PathFor(Float32), Integer, ModelCard.PathFor(Integer), ReportJson, ReportHtml, Rehearsal];

    /// <summary>The same files in another folder, to be made there first.</summary>
    public AdaptedModelFiles In(string folder) => new(Path.Combine(Directory.CreateDirectory(folder).FullName, Path.GetFileName(path)));

    /// <summary>Refuses to write over a model.</summary>
    /// <exception cref="TrainingException">There is one, and it may not be replaced; or the place can't be written to.</exception>
    public void ThrowIfTaken(bool overwrite)
    {
        ModelOutput.Check(Float32, overwrite);
        if (!overwrite && All.FirstOrDefault(File.Exists) is { } taken)
        {
            throw new TrainingException(taken, "is there already. Give another -o, or --overwrite.");
        }
    }

    /// <summary>Refuses to write over the model that is adapted: where nothing gets better, it would be gone.</summary>
    /// <param name="start">The model to start from.</param>
    /// <exception cref="TrainingException">One of the files is the start or its 8-bit twin.</exception>
    public void ThrowIfStart(StartingModel start)
    {
        string[] kept = [start.Name, StartingModel.IntegerName(start.Name)];
        if (kept.SelectMany(k => new[] { Float32, Integer }, (k, made) => (k, made)).FirstOrDefault(f => IsSame(f.k, f.made)) is { made: { } taken })
        {
            throw new TrainingException(
                taken,
                "is the model to start from, or its 8-bit twin. Give another -o; replace the old one once the new one is better.");
        }
    }

    /// <summary>Deletes what an earlier call left.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Delete()
    {
        var there = All.Where(File.Exists).ToList();
        there.ForEach(File.Delete);
        return there.Count > 0;
    }

    /// <summary>Brings finished files to their place. What an older call left there goes only once all of them are written.</summary>
    public void TakeFrom(AdaptedModelFiles made)
    {
        var pairs = made.All.Zip(All).ToLookup(f => File.Exists(f.First));
        var written = new List<PartialFile>();
        try
        {
            foreach (var (from, to) in pairs[true])
            {
                var file = new PartialFile(to);
                written.Add(file);
                using var source = File.OpenRead(from);
                source.CopyTo(file.Stream);
            }

            written.ForEach(f => f.Complete());
        }
        finally
        {
            written.ForEach(f => f.Dispose());
        }

        foreach (var (_, leftover) in pairs[false])
        {
            File.Delete(leftover);
        }
    }

    // By its path, or by another one to the same file.
    private static bool IsSame(string path, string other)
    {
        if (Path.GetFullPath(path) == Path.GetFullPath(other))
        {
            return true;
        }

        if (!OperatingSystem.IsLinux() || !File.Exists(path))
        {
            return false;
        }

        using var handle = File.OpenHandle(path);
        return FileStatus.IsAt(handle, other);
    }
}
