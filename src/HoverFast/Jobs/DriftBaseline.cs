using System.Text.Json;
using HoverFast.Files;
using HoverFast.Quality;

namespace HoverFast.Jobs;

/// <summary>What figures were while all was in order, for each scanner by itself: two scanners' colours differ, and a mean over both hides a swap.</summary>
internal sealed record DriftBaseline
{
    private const string Layout = "hoverfast-baseline/2";
    private const long MostBytes = 1 << 20;

    /// <summary>Name and version of this layout.</summary>
    public string Format { get; init; } = Layout;

    /// <summary>The figures' baselines by scanner; the empty name is that of results which name none.</summary>
    public required Dictionary<string, Dictionary<string, ControlBaseline>> Scanners { get; init; }

    /// <summary>Whether it tells no scanners apart, as files of earlier versions do: it then is held against all results.</summary>
    internal bool IsForAll { get; private init; }

    /// <summary>The baseline of a scanner; null where it has none.</summary>
    public IReadOnlyDictionary<string, ControlBaseline>? For(string scanner) => Scanners.GetValueOrDefault(IsForAll ? "" : scanner);

    /// <summary>Takes baselines from results, of each scanner that has <see cref="DriftReport.LeastBaseline"/> of them.</summary>
    /// <param name="results">Figures in order of time, by scanner.</param>
    /// <param name="count">How many first results of a scanner are its baseline.</param>
    public static DriftBaseline Of(IEnumerable<IGrouping<string, IReadOnlyDictionary<string, double>>> results, int count) => new()
    {
        Scanners = results.Where(g => g.Count() >= DriftReport.LeastBaseline)
            .ToDictionary(g => g.Key, g => Figures([.. g.Take(Math.Max(DriftReport.LeastBaseline, count))]), StringComparer.Ordinal),
    };

    /// <summary>This baseline, and that of another for the scanners that it lacks.</summary>
    public DriftBaseline With(DriftBaseline other) => IsForAll
        ? this
        : this with { Scanners = Scanners.Concat(other.Scanners.ExceptBy(Scanners.Keys, s => s.Key)).ToDictionary(StringComparer.Ordinal) };

    /// <summary>Reads a saved baseline, of this version or of earlier ones.</summary>
    /// <exception cref="IOException">It is missing, or none.</exception>
    public static DriftBaseline Read(string path)
    {
        try
        {
            var text = RegularFile.ReadAllText(path, MostBytes);
            using var json = JsonDocument.Parse(text);
            var read = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("scanners", out _)
                ? JsonSerializer.Deserialize(text, AuditJson.Indented.DriftBaseline)
                : new DriftBaseline
                {
                    IsForAll = true,
                    Scanners = new(StringComparer.Ordinal)
                    {
                        [""] = JsonSerializer.Deserialize(text, AuditJson.Indented.DictionaryStringControlBaseline) ?? [],
                    },
                };
            return read is { Format: Layout, Scanners.Count: > 0 } && read.Scanners.Values.All(IsSound) ? read
                : throw new IOException($"{path}: holds no baseline.");
        }
        catch (JsonException e)
        {
            throw new IOException($"{path}: is no baseline of hoverfast drift ({e.Message})", e);
        }
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public void Write(string path) => PartialFile.WriteText(
        path,
        (IsForAll
            ? JsonSerializer.Serialize(Scanners[""], AuditJson.Indented.DictionaryStringControlBaseline)
            : JsonSerializer.Serialize(this, AuditJson.Indented.DriftBaseline)) + "\n");

    private static bool IsSound(Dictionary<string, ControlBaseline>? figures) =>
        figures is { Count: > 0 } && figures.Values.All(b => b is { Deviation: > 0, Slides: > 0 } && double.IsFinite(b.Mean) && double.IsFinite(b.Deviation));

    private static Dictionary<string, ControlBaseline> Figures(IReadOnlyList<IReadOnlyDictionary<string, double>> rows) =>
        rows[0].Keys.Where(k => rows.Count(r => double.IsFinite(r.GetValueOrDefault(k, double.NaN))) >= DriftReport.LeastBaseline / 2)
            .ToDictionary(k => k, k => ControlBaseline.Of([.. rows.Select(r => r.GetValueOrDefault(k, double.NaN))]), StringComparer.Ordinal);
}
