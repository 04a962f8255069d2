using System.Text.Json.Serialization;

namespace HoverFast.Review.Models;

/// <summary>An entry of the registry's log.</summary>
internal sealed record RegistryEntry
{
    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>Who.</summary>
    public required string Who { get; init; }

    /// <summary>What.</summary>
    public required Act What { get; init; }

    /// <summary>The model that was added or is in use from now on; 0 for the program's own.</summary>
    public required int Version { get; init; }

    /// <summary>Why, if told.</summary>
    public string? Why { get; init; }

    /// <summary>The model that was added.</summary>
    public AddedModel? Model { get; init; }

    /// <summary>What can be done to a registry.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<Act>))]
    internal enum Act
    {
        [JsonStringEnumMemberName("add")]
        Add,

        [JsonStringEnumMemberName("promote")]
        Promote,

        [JsonStringEnumMemberName("roll-back")]
        RollBack,
    }

    /// <summary>What is kept of a model.</summary>
    /// <param name="Stem">File name without ending.</param>
    /// <param name="Parent">Version that it began with, or null.</param>
    /// <param name="ParentName">Name of the model that it began with.</param>
    /// <param name="Fields">Fields that it learned from.</param>
    /// <param name="Scores">How it scored.</param>
    /// <param name="Sha256">Hashes of its two ONNX files: 8-bit and float32.</param>
    internal sealed record AddedModel(string Stem, int? Parent, string ParentName, IReadOnlyList<string> Fields, IReadOnlyList<RegisteredScore> Scores,
        IReadOnlyList<string> Sha256);
}
