using System.Text.Json.Serialization;

namespace HoverFast.Review.Models;

/// <summary>Where a model of the registry stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelState>))]
public enum ModelState
{
    /// <summary>It waits for a person to promote it.</summary>
    [JsonStringEnumMemberName("candidate")]
    Candidate,

    /// <summary>New results are made with it.</summary>
    [JsonStringEnumMemberName("current")]
    Current,

    /// <summary>It was in use before.</summary>
    [JsonStringEnumMemberName("former")]
    Former,
}
