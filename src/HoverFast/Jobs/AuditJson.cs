using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Quality;

namespace HoverFast.Jobs;

/// <summary>Reads and writes what a laboratory keeps watch with, audit entries, validations and baselines, without reflection.</summary>
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(ValidationProtocol))]
[JsonSerializable(typeof(ValidationReport))]
[JsonSerializable(typeof(ControlResult))]
[JsonSerializable(typeof(DriftBaseline))]
[JsonSerializable(typeof(Dictionary<string, ControlBaseline>))]
internal sealed partial class AuditJson : JsonSerializerContext
{
    /// <summary>On one line, in camel case.</summary>
    public static AuditJson OneLine { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
    });

    /// <summary>Over several lines, for files that people write and read.</summary>
    public static AuditJson Indented { get; } =
        new(new JsonSerializerOptions(OneLine.Options) { WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull });
}
