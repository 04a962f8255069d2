using HoverFast.Model;

namespace HoverFast.Quality;

/// <summary>Where measurements lie in what the students learned from: statistics alone, no picture and no nucleus.</summary>
internal sealed record MeasurementCard
{
    /// <summary>The file that holds it.</summary>
    public const string FileName = "measurement-quantiles.json";

    /// <summary>Students of the same network in floats: their outlines are those of the 8-bit one but for roundings.</summary>
    private const string InFloats = "-float32";

    private static readonly Lazy<MeasurementCard> _builtIn = new(() => QualityJson.ReadResource(FileName, QualityJson.Relaxed.MeasurementCard));

    /// <summary>What it is for, in words.</summary>
    public required string Description { get; init; }

    /// <summary>The stain, as manifests name it.</summary>
    public required string Stain { get; init; }

    /// <summary>The data, with licences.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The measurements' quantiles by the model's name.</summary>
    public required IReadOnlyDictionary<string, MeasurementQuantiles> Models { get; init; }

    /// <summary>The card that comes with the library.</summary>
    public static MeasurementCard BuiltIn => _builtIn.Value;

    /// <summary>The quantiles of a model in a stain; null where none are known.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="sha256">The hash of its bytes: one of another laboratory may be called the same.</param>
    /// <param name="stain">The stain, as manifests name it.</param>
    public MeasurementQuantiles? Of(string model, string sha256, string stain) =>
        stain == Stain && NucleusModel.BuiltIn.Contains(model) && ModelCatalog.CardOf(model).Sha256 == sha256
            ? Models.GetValueOrDefault(model.EndsWith(InFloats, StringComparison.Ordinal) ? model[..^InFloats.Length] : model)
            : null;
}
