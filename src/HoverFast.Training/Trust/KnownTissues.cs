using System.Text.Json;
using HoverFast.Quality;

namespace HoverFast.Training.Trust;

/// <summary>
/// Places of the tissue that a student learned from, as figures (<see cref="FieldFeatures"/>): what an adapted model tells its own tissue from.
/// <c>hoverfast-train known-tissue</c> makes them.
/// </summary>
internal sealed record KnownTissues
{
    /// <summary>The resource that holds them, by student.</summary>
    public const string FileName = "known-tissue.json";

    /// <summary>Spread below which a figure says nothing.</summary>
    private const double LeastSpread = 1e-6;

    private const int Decimals = 3;

    private static readonly Lazy<IReadOnlyDictionary<string, KnownTissues>> _builtIn = new(Read);

    /// <summary>The figures and their scales.</summary>
    public required IReadOnlyList<ScaledFigure> Inputs { get; init; }

    /// <summary>The scaled figures of each tissue's places.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<double[]>> Tissues { get; init; }

    /// <summary>How the file is written.</summary>
    public static JsonSerializerOptions Json { get; } = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Those of a student that ships; null for another.</summary>
    /// <param name="student">Its name.</param>
    public static KnownTissues? Of(string student) => _builtIn.Value.GetValueOrDefault(student);

    /// <summary>Sums up places.</summary>
    /// <param name="places">What was seen, by tissue.</param>
    public static KnownTissues Of(IReadOnlyList<(string Tissue, FieldSums Seen)> places)
    {
        var rows = places.Select(p => FieldFeatures.Of(p.Seen)).ToList();
        List<ScaledFigure> inputs =
        [
            .. FieldFeatures.Names.Select((name, i) =>
            {
                var mean = rows.Average(r => r[i]);
                var deviation = Math.Sqrt(rows.Average(r => Math.Pow(r[i] - mean, 2))) + LeastSpread;
                return new ScaledFigure(name, Math.Round(mean, 6), Math.Round(deviation, 6));
            }),
        ];
        var empty = new KnownTissues { Inputs = inputs, Tissues = new Dictionary<string, IReadOnlyList<double[]>>() };
        return empty with
        {
            Tissues = new SortedDictionary<string, IReadOnlyList<double[]>>(
                places.GroupBy(p => p.Tissue, StringComparer.Ordinal).ToDictionary(
                    g => g.Key,
                    g => (IReadOnlyList<double[]>)[.. g.Select(p => Array.ConvertAll(empty.Scaled(p.Seen), v => Math.Round(v, Decimals)))]),
                StringComparer.Ordinal),
        };
    }

    /// <summary>The figures of a place on their scales.</summary>
    public double[] Scaled(FieldSums place) => new FigureScale(Inputs).Of(FieldFeatures.Of(place));

    private static IReadOnlyDictionary<string, KnownTissues> Read()
    {
        using var stream = typeof(KnownTissues).Assembly.GetManifestResourceStream(FileName)
            ?? throw new TrainingException(FileName, "is not part of this build.");
        return JsonSerializer.Deserialize<Dictionary<string, KnownTissues>>(stream, Json)
            ?? throw new TrainingException(FileName, "is empty.");
    }
}
