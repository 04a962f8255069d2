using System.CommandLine;
using HoverFast.Cluster.Slurm;
using HoverFast.Pipeline;

namespace HoverFast.Cli.Options;

/// <summary>The options that say what is asked of Slurm for each task.</summary>
internal sealed class SlurmTaskOptions
{
    private readonly Option<string?> _partition = Plain("--partition", "Slurm's partition.");
    private readonly Option<string?> _account = Plain("--account", "Slurm's account.");
    private readonly Option<string?> _qos = Plain("--qos", "Slurm's quality of service.");
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
    private readonly Option<string[]> _more = new("--sbatch")
    {
        Description = "One more option of sbatch in one word, for example --sbatch=--constraint=avx512; may be given several times.",
    };
    private readonly Option<string?> _program = new("--program")
    {
        Description = "The command that starts hoverfast on the nodes, for example 'apptainer exec /shared/hoverfast.sif hoverfast'; left out: this "
            + "program at its place.",
    };

    /// <summary>Makes the options.</summary>
    public SlurmTaskOptions()
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

    private Option[] All => [_partition, _account, _qos, _time, _memory, _cpus, _more, _program];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>The first of the options that was given; null where none was.</summary>
    public string? FirstGiven(ParseResult parsed) => All.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })?.Name;

    /// <summary>The command that starts the program on the nodes, where it was given.</summary>
    public string? Program(ParseResult parsed) => parsed.GetValue(_program);

    /// <summary>What is asked of Slurm; what is left out is as it was before.</summary>
    public SlurmRequest Request(ParseResult parsed, SlurmRequest before) => before with
    {
        Partition = parsed.GetValue(_partition) ?? before.Partition,
        Account = parsed.GetValue(_account) ?? before.Account,
        Qos = parsed.GetValue(_qos) ?? before.Qos,
        Time = parsed.GetValue(_time) ?? before.Time,
        Memory = parsed.GetValue(_memory) ?? before.Memory,
        Cpus = parsed.GetResult(_cpus) is { Implicit: false } ? parsed.GetValue(_cpus) : before.Cpus,
        More = parsed.GetValue(_more) is { Length: > 0 } more ? more : before.More,
    };

    /// <summary>An option whose value is one of Slurm's plain words.</summary>
    public static Option<string?> Plain(string name, string description) =>
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
