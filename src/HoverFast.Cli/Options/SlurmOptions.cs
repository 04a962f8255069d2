using System.CommandLine;
using HoverFast.Cluster.Slurm;

namespace HoverFast.Cli.Options;

/// <summary>The options that say what is asked of Slurm.</summary>
internal sealed class SlurmOptions
{
    private const int MostTasks = 1_000_000;

    private readonly SlurmTaskOptions _task = new();
    private readonly Option<string?> _dependency = SlurmTaskOptions.Plain(
        "--dependency",
        "What must have ended before, as Slurm writes it, for example afterok:123.");
    private readonly Option<int?> _slidesPerTask = NumberOption.Whole(
        "--slides-per-task",
        "The most slides of a task; left out: as many as take --task-minutes.",
        1,
        MostTasks);
    private readonly Option<int> _taskMinutes = NumberOption.Whole(
        "--task-minutes",
        "Minutes that a task should take.",
        SlurmRequest.UsualTaskMinutes,
        1,
        10_000);
    private readonly Option<int?> _maxTasks = NumberOption.Whole("--max-tasks", "Tasks that may run at once.", 1, MostTasks);
    private readonly Option<double?> _price = NumberOption.Real("--price", "Price of a core hour, in any currency; gives the cost.", 0, 1e9);
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Write plan and script and tell what it would take, and submit nothing." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        _task.AddTo(command);
        foreach (var option in (Option[])[_slidesPerTask, _taskMinutes, _maxTasks, _dependency, _price, _dryRun])
        {
            command.Add(option);
        }
    }

    /// <summary>Whether nothing is to be submitted.</summary>
    public bool IsDryRun(ParseResult parsed) => parsed.GetValue(_dryRun);

    /// <summary>The price of a core hour.</summary>
    public double? Price(ParseResult parsed, double? before = null) => parsed.GetValue(_price) ?? before;

    /// <summary>The command that starts the program on the nodes.</summary>
    public string Program(ParseResult parsed, string? before = null) => _task.Program(parsed) ?? before ?? ThisProgram();

    /// <summary>What is asked of Slurm; what is left out is as it was before.</summary>
    public SlurmRequest Request(ParseResult parsed, SlurmRequest? before = null)
    {
        before ??= new SlurmRequest();
        return _task.Request(parsed, before) with
        {
            Dependency = parsed.GetValue(_dependency),
            TaskMinutes = parsed.GetResult(_taskMinutes) is { Implicit: false } ? parsed.GetValue(_taskMinutes) : before.TaskMinutes,
            SlidesPerTask = parsed.GetValue(_slidesPerTask) ?? before.SlidesPerTask,
            MaxTasks = parsed.GetValue(_maxTasks) ?? before.MaxTasks,
        };
    }

    private static string ThisProgram()
    {
        var own = Environment.ProcessPath ?? "";
        return Path.GetFileNameWithoutExtension(own) == "hoverfast" ? SlurmRequest.Shell(own)
            : $"{SlurmRequest.Shell(Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet")} "
                + $"{SlurmRequest.Shell(Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"))}";
    }
}
