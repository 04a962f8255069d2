using System.Globalization;
using System.Text.RegularExpressions;

namespace HoverFast.Cluster.Slurm;

/// <summary>What is asked of Slurm for each task of an array. What is null is left to the site's defaults or estimated from the slides.</summary>
public sealed partial record SlurmRequest
{
    /// <summary>Cores of a task where none are given.</summary>
    public const int UsualCpus = 4;

    /// <summary>
    /// Minutes that a task is packed to take where nothing else is asked for: long beside its start, and short, since cores wait for the last ones.
    /// </summary>
    public const int UsualTaskMinutes = 5;

    /// <summary>The partition.</summary>
    public string? Partition { get; init; }

    /// <summary>The account.</summary>
    public string? Account { get; init; }

    /// <summary>The quality of service.</summary>
    public string? Qos { get; init; }

    /// <summary>The time limit of a task, as Slurm writes it: minutes, [hours:]minutes:seconds or days-hours[:minutes[:seconds]].</summary>
    public string? Time { get; init; }

    /// <summary>Memory of a task, as Slurm writes it: megabytes, or a number with K, M, G or T.</summary>
    public string? Memory { get; init; }

    /// <summary>Cores of a task.</summary>
    public int Cpus { get; init; } = UsualCpus;

    /// <summary>Tasks that may run at once.</summary>
    public int? MaxTasks { get; init; }

    /// <summary>The most slides of a task.</summary>
    public int? SlidesPerTask { get; init; }

    /// <summary>Minutes that a task should take.</summary>
    public int TaskMinutes { get; init; } = UsualTaskMinutes;

    /// <summary>What must have ended before, as Slurm writes it: afterok:123, for example.</summary>
    public string? Dependency { get; init; }

    /// <summary>Options of sbatch more, each as one word: --constraint=avx512.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    /// <summary>
    /// Whether a text can be the value of an option in a script: letters, digits and the few signs that Slurm's names, times and dependencies use.
    /// </summary>
    public static bool IsPlain(string text) => Plain().IsMatch(text);

    /// <summary>Whether a text is an option of sbatch in one word.</summary>
    public static bool IsOption(string text) => Option().IsMatch(text);

    /// <summary>Whether a text is an amount of memory.</summary>
    public static bool IsMemory(string text) => Amount().IsMatch(text);

    /// <summary>A word as a shell reads it.</summary>
    public static string Shell(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <summary>A time limit as a span; null where the text is none.</summary>
    public static TimeSpan? ParseTime(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!Limit().IsMatch(text))
        {
            return null;
        }

        var days = text.Split('-') is [var before, _] ? int.Parse(before, CultureInfo.InvariantCulture) : (int?)null;
        var parts = text.Split('-')[^1].Split(':').Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        var (hours, minutes, seconds) = (days, parts) switch
        {
            (not null, [var h]) => (h, 0, 0),
            (not null, [var h, var m]) => (h, m, 0),
            (_, [var h, var m, var s]) => (h, m, s),
            (null, [var m, var s]) => (0, m, s),
            _ => (0, parts[0], 0),
        };
        return new TimeSpan(days ?? 0, hours, minutes, seconds) is var span && span > TimeSpan.Zero ? span : null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.,:@+?-]{1,200}\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"^--?[A-Za-z][A-Za-z0-9-]*(=[A-Za-z0-9_.,:@+?&|*()\[\]/%-]{1,200})?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Option();

    [GeneratedRegex(@"^[1-9][0-9]{0,8}[KMGT]?\z")]
    private static partial Regex Amount();

    [GeneratedRegex(@"^([0-9]{1,3}-[0-9]{1,2}(:[0-9]{1,2}){0,2}|[0-9]{1,6}(:[0-9]{1,2}){0,2})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Limit();
}
