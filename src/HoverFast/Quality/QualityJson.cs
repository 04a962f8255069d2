using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace HoverFast.Quality;

/// <summary>Reads and writes the files of this folder without reflection.</summary>
[JsonSerializable(typeof(MatchCard))]
[JsonSerializable(typeof(AccuracyCard))]
[JsonSerializable(typeof(ShiftCard))]
[JsonSerializable(typeof(TissueCard))]
[JsonSerializable(typeof(MeasurementCard))]
[JsonSerializable(typeof(QualityReport))]
internal sealed partial class QualityJson : JsonSerializerContext
{
    /// <summary>Indented, in camel case.</summary>
    public static QualityJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter<QualityAdvice>(JsonNamingPolicy.CamelCase) },
    });

    /// <summary>Reads a file of numbers that comes with the library.</summary>
    public static T ReadResource<T>(string file, JsonTypeInfo<T> type)
    {
        using var stream = typeof(QualityJson).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is missing from the library.");
        return JsonSerializer.Deserialize(stream, type) ?? throw new InvalidOperationException($"{file} is empty.");
    }
}
