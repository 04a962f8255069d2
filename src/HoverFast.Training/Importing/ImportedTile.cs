using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Training.Importing;

/// <summary>A tile of a public data set, as it is written into ours.</summary>
/// <param name="Name">Name of its files, without ending; patient, slide or organ before a double underscore.</param>
/// <param name="Picture">The tissue.</param>
/// <param name="Labels">Its nuclei, 1 to N.</param>
/// <param name="Types">Type of each label; empty where the set has none.</param>
internal sealed record ImportedTile(string Name, RgbImage Picture, LabelImage Labels, IReadOnlyDictionary<int, string> Types)
{
    /// <summary>Not 0 where nothing is to be learned; null where all is known.</summary>
    public LabelImage? Unsure { get; init; }

    /// <summary>No types.</summary>
    public static IReadOnlyDictionary<int, string> NoTypes { get; } = new Dictionary<int, string>();
}
