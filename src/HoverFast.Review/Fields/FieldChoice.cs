using System.Text.Json.Serialization;

namespace HoverFast.Review.Fields;

/// <summary>How the fields of a session are chosen.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FieldChoice>))]
public enum FieldChoice
{
    /// <summary>At random over the tissue: the model's precision and recall can be told from them.</summary>
    [JsonStringEnumMemberName("random")]
    Random,

    /// <summary>Those with the most nuclei that the model was unsure of: they teach most, and tell nothing of the rest.</summary>
    [JsonStringEnumMemberName("unsure")]
    LeastSure,
}
