using System.Text;
using HoverFast.Files;

namespace HoverFast.Training.Adaptation;

/// <summary>Where checkpoints lie: the user's folder, which stays, or one that is gone afterwards.</summary>
internal sealed class WorkFolder : IDisposable
{
    private const string PlanFile = "plan.json";
    private readonly bool _temporary;

    /// <param name="folder">The user's folder, or null.</param>
    public WorkFolder(string? folder)
    {
        _temporary = folder is null;
        Path = folder is null ? Directory.CreateTempSubdirectory("hoverfast-adapt-").FullName : Directory.CreateDirectory(folder).FullName;
    }

    public string Path { get; }

    /// <summary>Makes sure that what lies in the folder belongs to this plan.</summary>
    /// <param name="plan">All that decides the result, as JSON.</param>
    /// <exception cref="TrainingException">It belongs to another.</exception>
    public void Claim(string plan)
    {
        var file = System.IO.Path.Combine(Path, PlanFile);
        if (!File.Exists(file))
        {
            PartialFile.WriteText(file, plan);
        }
        else if (File.ReadAllText(file, Encoding.UTF8) != plan)
        {
            throw new TrainingException(
                Path,
                "holds the checkpoints of other tiles, another model or other options. Give another --work, or delete that folder.");
        }
    }

    public void Dispose()
    {
        if (_temporary)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
