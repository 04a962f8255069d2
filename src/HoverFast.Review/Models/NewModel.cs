namespace HoverFast.Review.Models;

/// <summary>A model that waits to be registered.</summary>
public sealed record NewModel
{
    /// <summary>Folder that holds MODEL.onnx, MODEL-int8.onnx, their cards, the report, and what else belongs to it.</summary>
    public required string Folder { get; init; }

    /// <summary>File name of the float32 model in it, without ending.</summary>
    public required string Stem { get; init; }

    /// <summary>Version of the registry's model that it began with; null where it began with one of the program's.</summary>
    public int? Parent { get; init; }

    /// <summary>Name of the model that it began with.</summary>
    public required string ParentName { get; init; }

    /// <summary>The reviewed fields that it learned from.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>How it scored; the first is the reviewed fields.</summary>
    public required IReadOnlyList<RegisteredScore> Scores { get; init; }

    /// <summary>Who had it made.</summary>
    public required string Who { get; init; }
}
