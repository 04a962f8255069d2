using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HoverFast.Jobs;

/// <summary>Writes audit entries and validations without reflection.</summary>
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(ValidationProtocol))]
[JsonSerializable(typeof(ValidationReport))]
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
