using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HoverFast.Quality;

/// <summary>Reads and writes the files of this folder without reflection.</summary>
[JsonSerializable(typeof(MatchCard))]
internal sealed partial class QualityJson : JsonSerializerContext
{
    /// <summary>Indented, in camel case.</summary>
    public static QualityJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        RespectNullableAnnotations = true,
    });
}
