using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Model;
using HoverFast.Pipeline;

namespace HoverFast.Jobs;

/// <summary>What one model came to on the tissue of a benchmark.</summary>
public sealed record BenchmarkResult
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The model's name, or its file's.</summary>
    public required string Model { get; init; }

    /// <summary>File name of the slide that it ran on; empty in files of old.</summary>
    public string Slide { get; init; } = "";

    /// <summary>Which network it is, to tell ratios by.</summary>
    public required BenchmarkNetwork Network { get; init; }

    /// <summary>Multiply-adds for one pixel of what it puts out.</summary>
    public required double MultiplyAddsPerPixel { get; init; }

    /// <summary>Its pixel size in um/px.</summary>
    public required double Mpp { get; init; }

    /// <summary>Its precision, as its card has it.</summary>
    public required string Precision { get; init; }

    /// <summary>What ran the network, in words.</summary>
    public required string Engine { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Device { get; init; }

    /// <summary>Threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Tissue that it searched, in mm2.</summary>
    public required double SquareMillimetres { get; init; }

    /// <summary>Slide, glass included, in mm2; 0 in files of old.</summary>
    public double SlideSquareMillimetres { get; init; }

    /// <summary>Whether the time budget ended before the tissue did.</summary>
    public required bool IsPart { get; init; }

    /// <summary>Full-resolution pixels of that tissue.</summary>
    public required double Pixels { get; init; }

    /// <summary>Wall-clock seconds, warm-up excluded.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor seconds.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>Energy of the machine's processors meanwhile, in J, whatever else ran counted too; null where it can't be read.</summary>
    public double? Joules { get; init; }

    /// <summary>Nuclei found; they mean nothing with made-up weights.</summary>
    public required long Nuclei { get; init; }

    /// <summary>Peak memory of the process that did nothing but this, in bytes.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Processor seconds per stage.</summary>
    public required IReadOnlyDictionary<Stage, double> StageSeconds { get; init; }

    /// <summary>mm2 of tissue per second.</summary>
    public double SquareMillimetresPerSecond => SquareMillimetres / Math.Max(1e-9, Seconds);

    /// <summary>mm2 of slide, glass included, per second; null where only a part of the tissue was searched, or the slide's size isn't known.</summary>
    public double? SlideSquareMillimetresPerSecond => IsPart || SlideSquareMillimetres <= 0 ? null : SlideSquareMillimetres / Math.Max(1e-9, Seconds);

    /// <summary>Million full-resolution pixels of tissue per second.</summary>
    public double MegapixelsPerSecond => Pixels * 1e-6 / Math.Max(1e-9, Seconds);

    /// <summary>Processor seconds for a mm2.</summary>
    public double CpuSecondsPerSquareMillimetre => CpuSeconds / Math.Max(1e-9, SquareMillimetres);

    /// <summary>Energy for a mm2 of tissue, in J; null where it can't be read.</summary>
    public double? JoulesPerSquareMillimetre => Joules / Math.Max(1e-9, SquareMillimetres);

    /// <summary>The part of the stages' time that lies between the network and the outputs.</summary>
    public double PostProcessingShare => (StageSeconds[Stage.Find] + StageSeconds[Stage.Measure]) / Math.Max(1e-9, StageSeconds.Values.Sum());

    /// <summary>
    /// Multiply-adds a second, in the network alone and per processor second there, in billions; counted on the tissue, so that what halos cost shows as a
    /// lower rate.
    /// </summary>
    public double GigaMultiplyAddsPerNetworkSecond =>
        MultiplyAddsPerPixel * (SquareMillimetres * 1e6 / (Mpp * Mpp)) * 1e-9 / Math.Max(1e-9, StageSeconds[Stage.Infer]);

    /// <summary>Which network a card describes.</summary>
    public static BenchmarkNetwork NetworkOf(ModelCard card) =>
        card.Kind is not ("imported" or "formula") ? BenchmarkNetwork.Student
        : card.FixedInput is not null ? BenchmarkNetwork.HoverNet
        : BenchmarkNetwork.HoverFast;

    /// <summary>As JSON.</summary>
    public static string ToJson(IEnumerable<BenchmarkResult> results) => JsonSerializer.Serialize(results.ToArray(), _json);

    /// <summary>From JSON that <see cref="ToJson"/> made.</summary>
    public static IReadOnlyList<BenchmarkResult> Parse(string json) => JsonSerializer.Deserialize<BenchmarkResult[]>(json, _json) ?? [];
}
