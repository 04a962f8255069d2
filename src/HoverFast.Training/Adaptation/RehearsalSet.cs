using System.Text.Json.Serialization;
using HoverFast.Training.Data;

namespace HoverFast.Training.Adaptation;

/// <summary>Crops of one origin in a <see cref="RehearsalPack"/>.</summary>
/// <param name="Name">Short name; also its folder.</param>
/// <param name="Mpp">Pixel size in um/px.</param>
/// <param name="Licence">Licence of the crops.</param>
/// <param name="Source">Where they come from.</param>
/// <param name="Learned">Names of the crops on which the start's answers are kept.</param>
/// <param name="Checked">Names of those that tell whether the model has forgotten; nothing is learned from them.</param>
internal sealed record RehearsalSet(string Name, double Mpp, string Licence, string Source, IReadOnlyList<string> Learned, IReadOnlyList<string> Checked)
{
    /// <summary>Where the crops lie once they are unpacked.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = "";

    /// <summary>Whether they are tiles of the user that the model was adapted to before.</summary>
    [JsonIgnore]
    public bool IsUsers { get; init; }

    /// <summary>Whether they are of the tissue that is adapted to now, so that the model goes on from them.</summary>
    [JsonIgnore]
    public bool IsOwn { get; init; }

    /// <summary>The crops on which the start's answers are kept.</summary>
    /// <param name="weight">How often, relative to other sets.</param>
    public DataSetConfiguration ToLearn(double weight) => Set(Learned) with { Weight = weight };

    /// <summary>The crops that are only judged by.</summary>
    public DataSetConfiguration ToCheck() => Set(Checked);

    private DataSetConfiguration Set(IReadOnlyList<string> names) =>
        new() { Name = Name, Folder = Folder, Mpp = Mpp, Only = names, Licence = Licence, Source = Source };
}
