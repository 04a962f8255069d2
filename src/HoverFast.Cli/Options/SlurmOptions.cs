using System.CommandLine;
using HoverFast.Cluster.Slurm;
using HoverFast.Pipeline;

namespace HoverFast.Cli.Options;

/// <summary>The options that say what is asked of Slurm.</summary>
internal sealed class SlurmOptions
{
    private const int MostTasks = 1_000_000;

    private readonly Option<string?> _partition = Plain("--partition", "Slurm's partition.");
    private readonly Option<string?> _account = Plain("--account", "Slurm's account.");
    private readonly Option<string?> _qos = Plain("--qos", "Slurm's quality of service.");
    private readonly Option<string?> _dependency = Plain("--dependency", "What must have ended before, as Slurm writes it, for example afterok:123.");
    private readonly Option<string?> _time = Checked(
        "--time",
        "Time limit of a task, as Slurm writes it, for example 2:00:00; left out: three times what its slides should take.",
        t => SlurmRequest.ParseTime(t) is not null,
        "minutes, hours:minutes:seconds or days-hours");
    private readonly Option<string?> _memory = Checked(
        "--mem",
        "Memory of a task, for example 4G; left out: what the model and the cores need, with a margin.",
        SlurmRequest.IsMemory,
        "a number with M, G or T");
    private readonly Option<int> _cpus = NumberOption.Whole("--cpus", "Cores of a task.", SlurmRequest.UsualCpus, 1, ThreadCount.Most);
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
    private readonly Option<string[]> _more = new("--sbatch")
    {
        Description = "One more option of sbatch in one word, for example --sbatch=--constraint=avx512; may be given several times.",
    };
    private readonly Option<double?> _price = NumberOption.Real("--price", "Price of a core hour, in any currency; gives the cost.", 0, 1e9);
    private readonly Option<string?> _program = new("--program")
    {
        Description = "The command that starts hoverfast on the nodes, for example 'apptainer exec /shared/hoverfast.sif hoverfast'; left out: this "
            + "program at its place.",
    };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Write plan and script and tell what it would take, and submit nothing." };

    /// <summary>Makes the options.</summary>
    public SlurmOptions()
    {
        _more.Validators.Add(r =>
        {
            foreach (var token in r.Tokens.Where(t => !SlurmRequest.IsOption(t.Value)))
            {
                r.AddError($"--sbatch takes one option of sbatch in one word, such as --constraint=avx512, not '{NumberText.Printable(token.Value)}'.");
            }
        });
        _program.Validators.Add(r =>
        {
            if (r.Tokens.Any(t => t.Value.Any(char.IsControl)))
            {
                r.AddError("--program is one line.");
            }
        });
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (
            var option in (Option[])[
                _partition,
                _account,
                _qos,
                _time,
                _memory,
                _cpus,
                _slidesPerTask,
                _taskMinutes,
                _maxTasks,
                _dependency,
                _more,
                _price,
                _program,
                _dryRun])
        {
            command.Add(option);
        }
    }

    /// <summary>Whether nothing is to be submitted.</summary>
    public bool IsDryRun(ParseResult parsed) => parsed.GetValue(_dryRun);

    /// <summary>The price of a core hour.</summary>
    public double? Price(ParseResult parsed, double? before = null) => parsed.GetValue(_price) ?? before;

    /// <summary>The command that starts the program on the nodes.</summary>
    public string Program(ParseResult parsed, string? before = null) => parsed.GetValue(_program) ?? before ?? ThisProgram();

    /// <summary>What is asked of Slurm; what is left out is as it was before.</summary>
    public SlurmRequest Request(ParseResult parsed, SlurmRequest? before = null)
    {
        before ??= new SlurmRequest();
        return new SlurmRequest
        {
            Partition = parsed.GetValue(_partition) ?? before.Partition,
            Account = parsed.GetValue(_account) ?? before.Account,
            Qos = parsed.GetValue(_qos) ?? before.Qos,
            Dependency = parsed.GetValue(_dependency),
            Time = parsed.GetValue(_time) ?? before.Time,
            Memory = parsed.GetValue(_memory) ?? before.Memory,
            Cpus = parsed.GetResult(_cpus) is { Implicit: false } ? parsed.GetValue(_cpus) : before.Cpus,
            TaskMinutes = parsed.GetResult(_taskMinutes) is { Implicit: false } ? parsed.GetValue(_taskMinutes) : before.TaskMinutes,
            SlidesPerTask = parsed.GetValue(_slidesPerTask) ?? before.SlidesPerTask,
            MaxTasks = parsed.GetValue(_maxTasks) ?? before.MaxTasks,
            More = parsed.GetValue(_more) is { Length: > 0 } more ? more : before.More,
        };
    }

    private static string ThisProgram()
    {
        var own = Environment.ProcessPath ?? "";
        return Path.GetFileNameWithoutExtension(own) == "hoverfast" ? SlurmRequest.Shell(own)
            : $"{SlurmRequest.Shell(Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet")} "
                + $"{SlurmRequest.Shell(Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"))}";
    }

    private static Option<string?> Plain(string name, string description) =>
        Checked(name, description, SlurmRequest.IsPlain, "letters, digits and . , : @ + - _");

    private static Option<string?> Checked(string name, string description, Func<string, bool> isRight, string what)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(r =>
        {
            if (r.Tokens is [{ Value: var text }, ..] && text.Length > 0 && !isRight(text))
            {
                r.AddError($"{name} takes {what}, not '{NumberText.Printable(text)}'.");
            }
        });
        return option;
    }
}
