using HoverFast.Model;

namespace HoverFast.Jobs;

/// <summary>The model of a result.</summary>
public sealed record ManifestModel
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the weights.</summary>
    public required string Version { get; init; }

    /// <summary>Licence of the weights.</summary>
    public required string Licence { get; init; }

    /// <summary>SHA-256 of the model file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What ran it.</summary>
    public string Engine { get; init => field = value ?? ""; } = "";

    /// <summary>Pixel size in um at which the slide was shown to it.</summary>
    public required double Mpp { get; init; }

    /// <summary>Which of its weights segmented, for a model that carries the one it was adapted from; null for others.</summary>
    public ManifestWeights? Weights { get; init; }

    /// <summary>Describes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="mpp">Pixel size in um at which the slide was shown to it.</param>
    internal static ManifestModel Of(NucleusModel model, double mpp) => new()
    {
        Name = model.Card.Name,
        Version = model.Card.Version,
        Licence = model.Card.Licence,
        Sha256 = model.Card.Sha256,
        Mpp = mpp,
        Engine = model.Engine,
    };
}
