namespace HoverFast.Cluster.Slurm;

/// <summary>What a job of a cluster is to do, as <c>plan.json</c> in its folder tells it; its slides stand in <c>slides.jsonl</c> beside it.</summary>
public sealed record ClusterPlan
{
    internal const string Layout = "hoverfast-cluster-plan/1";

    /// <summary>Name and version of this layout.</summary>
    public string Format { get; init; } = Layout;

    /// <summary>The program that planned: its version, .NET, system, and Slurm's version where it was there.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The model: its name, or its file's, and SHA-256.</summary>
    public required string Model { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The folder of the results.</summary>
    public required string Results { get; init; }

    /// <summary>The command that starts the program on a node, as a shell writes it.</summary>
    public required string Program { get; init; }

    /// <summary>Options of <c>hoverfast segment</c>.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>What is asked of Slurm.</summary>
    public required SlurmRequest Request { get; init; }

    /// <summary>Tasks of the array.</summary>
    public required int Tasks { get; init; }

    /// <summary>Slides.</summary>
    public required int Slides { get; init; }

    /// <summary>Bytes of all slides.</summary>
    public required long Bytes { get; init; }

    /// <summary>Seconds that all tasks together should take.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds of the longest task.</summary>
    public required double LongestTask { get; init; }

    /// <summary>How the seconds were estimated, in words.</summary>
    public required string Estimate { get; init; }

    /// <summary>Price of a core hour, in any currency; null where none was given.</summary>
    public double? Price { get; init; }

    /// <summary>Inputs that were refused when the plan was made.</summary>
    public IReadOnlyList<RefusedSlide> Refused { get; init; } = [];

    /// <summary>Core hours that it should take.</summary>
    public double CoreHours => Seconds * Request.Cpus / 3600;

    /// <summary>Seconds until the last task ends, where as many run at once as may.</summary>
    public double Makespan => Math.Max(LongestTask, Seconds / Math.Min(Tasks, Request.MaxTasks ?? Tasks));
}
