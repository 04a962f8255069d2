using System.Globalization;

namespace HoverFast.Jobs;

/// <summary>
/// Energy that the machine's processors have taken, by their RAPL counters (Running Average Power Limit; Linux lists them under powercap, for AMD too):
/// of all that runs, not of this process alone. Many machines show them to root alone, and virtual ones not at all.
/// </summary>
internal sealed class ProcessorEnergy
{
    private const string Counters = "/sys/class/powercap";
    private const string Counter = "energy_uj";
    private const string Range = "max_energy_range_uj";
    private readonly Dictionary<string, double> _before;

    private ProcessorEnergy(Dictionary<string, double> before) => _before = before;

    /// <summary>Begins to measure; null where no counter can be read.</summary>
    /// <param name="folder">Folder of the counters.</param>
    public static ProcessorEnergy? Begin(string folder = Counters) => Read(folder) is { Count: > 0 } counters ? new ProcessorEnergy(counters) : null;

    /// <summary>Joules since then; null where a counter can't be read any more. A counter that began anew meanwhile has done so once.</summary>
    public double? Joules()
    {
        var joules = 0.0;
        foreach (var (package, before) in _before)
        {
            if (Value(package, Counter) is not { } now || (now < before ? Value(package, Range) : 0) is not { } turn)
            {
                return null;
            }

            joules += (now + turn - before) * 1e-6;
        }

        return joules;
    }

    // Whole packages, "intel-rapl:0"; their parts, "intel-rapl:0:0", are counted in them.
    private static Dictionary<string, double> Read(string folder)
    {
        try
        {
            return Directory.EnumerateDirectories(folder, "intel-rapl:*")
                .Where(d => Path.GetFileName(d).Count(c => c == ':') == 1)
                .Select(d => (Package: d, Value: Value(d, Counter)))
                .Where(c => c.Value is not null)
                .ToDictionary(c => c.Package, c => c.Value!.Value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static double? Value(string package, string name)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(package, name));
            return double.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value) ? value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
