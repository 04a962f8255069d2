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

    /// <summary>Deletes what an earlier call left.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Delete()
    {
        var there = All.Where(File.Exists).ToList();
        there.ForEach(File.Delete);
        return there.Count > 0;
    }

    /// <summary>Brings finished files to their place; each is whole there or not there.</summary>
    public void TakeFrom(AdaptedModelFiles made)
    {
        Delete();
        foreach (var (from, to) in made.All.Zip(All).Where(f => File.Exists(f.First)))
        {
            PartialFile.Write(to, file =>
            {
                using var source = File.OpenRead(from);
                source.CopyTo(file);
            });
        }
    }
}
