using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HoverFast.Files;

namespace HoverFast.Cluster.Slurm;

/// <summary>The folder <c>RESULTS/cluster/JOB</c>, which holds all that is known of a job: plan, slides, script, what Slurm called it, what happened.</summary>
/// <param name="path">The folder.</param>
public sealed class JobFolder(string path)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
    };

    private static readonly JsonSerializerOptions _line = new(_json) { WriteIndented = false };

    /// <summary>The folder.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Its name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The script for sbatch.</summary>
    public string Script => File("job.sh");

    /// <summary>Where Slurm puts what tasks print.</summary>
    internal string Logs => File("logs");

    /// <summary>Where each run of a task writes what happens.</summary>
    internal string Events => File("events");

    /// <summary>Whether it was cancelled.</summary>
    public bool IsCancelled => System.IO.File.Exists(File("cancelled"));

    /// <summary>Slurm's number of the job; null where it was not submitted.</summary>
    public string? SlurmId => System.IO.File.Exists(File("submitted")) ? System.IO.File.ReadAllText(File("submitted")).Trim() : null;

    /// <summary>The jobs of a folder of results, the oldest first.</summary>
    public static IReadOnlyList<JobFolder> Of(string results)
    {
        var all = System.IO.Path.Combine(results, "cluster");
        return Directory.Exists(all)
            ?
            [
                .. Directory.GetDirectories(all)
                    .Where(d => System.IO.File.Exists(System.IO.Path.Combine(d, "plan.json")))
                    .Order(StringComparer.Ordinal)
                    .Select(d => new JobFolder(d)),
            ]
            : [];
    }

    /// <summary>A new job's folder; its name tells when.</summary>
    internal static JobFolder Create(string results)
    {
        var name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Guid.NewGuid().ToString("N")[..6]}");
        var folder = new JobFolder(System.IO.Path.Combine(results, "cluster", name));
        Directory.CreateDirectory(folder.Logs);
        Directory.CreateDirectory(folder.Events);
        return folder;
    }

    /// <summary>Reads the plan.</summary>
    /// <exception cref="IOException">There is none, or it is of another layout.</exception>
    public ClusterPlan ReadPlan()
    {
        try
        {
            return JsonSerializer.Deserialize<ClusterPlan>(RegularFile.ReadAllBytes(File("plan.json")), _json) is { Format: ClusterPlan.Layout } plan
                ? plan
                : throw new IOException("it is of another version of the program");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException(
                $"{File("plan.json")} can't be read as a plan ({e.Message}); name a folder RESULTS/cluster/JOB that 'hoverfast cluster submit' made.",
                e);
        }
    }

    /// <summary>Reads the slides, in the order in which tasks do them.</summary>
    internal IReadOnlyList<ClusterSlide> ReadSlides()
    {
        try
        {
            return [.. System.IO.File.ReadLines(File("slides.jsonl")).Select(l => JsonSerializer.Deserialize<ClusterSlide>(l, _line)!)];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{File("slides.jsonl")} can't be read as a plan's slides ({e.Message}).", e);
        }
    }

    /// <summary>Writes the slides, the script and, last, the plan: what has a plan is whole.</summary>
    internal void Write(ClusterPlan plan, IReadOnlyList<ClusterSlide> slides, string script)
    {
        var text = new StringBuilder();
        foreach (var slide in slides)
        {
            text.Append(JsonSerializer.Serialize(slide, _line)).Append('\n');
        }

        PartialFile.WriteText(File("slides.jsonl"), text.ToString());
        PartialFile.WriteText(Script, script);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(Script, System.IO.File.GetUnixFileMode(Script) | UnixFileMode.UserExecute);
        }

        PartialFile.WriteText(File("plan.json"), JsonSerializer.Serialize(plan, _json) + "\n");
    }

    /// <summary>Remembers Slurm's number.</summary>
    internal void WriteSubmitted(string id) => PartialFile.WriteText(File("submitted"), id + "\n");

    /// <summary>Marks it as cancelled: no task queues itself again.</summary>
    internal void WriteCancelled() => PartialFile.WriteText(File("cancelled"), "");

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
