using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HoverFast.Cluster.Batches;

/// <summary>Writes and reads events without reflection: there are many.</summary>
[JsonSerializable(typeof(SlideEvent))]
internal sealed partial class SlideEventJson : JsonSerializerContext
{
    /// <summary>One line, camel case, without what is null.</summary>
    public static SlideEventJson Compact { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter<SlideEventKind>(JsonNamingPolicy.CamelCase) },
    });
}
