using HoverFast.Pipeline;

namespace HoverFast.Jobs;

/// <summary>Which weights of an adapted model segmented a slide.</summary>
public sealed record ManifestWeights
{
    /// <summary>What was asked for: "Auto", "Adapted" or "Start".</summary>
    public required string Asked { get; init; }

    /// <summary>Name of the model that segmented: the adapted one, or one inside of it from which it was adapted.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of that one's ONNX file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Share of the tissue looked at that looks like the tiles that the model was adapted to, 0 to 1; null where nothing was looked at.</summary>
    public double? OwnShare { get; init; }

    /// <summary>Places looked at.</summary>
    public int Places { get; init; }

    internal static ManifestWeights Of(WeightChoice asked, ChosenWeights chosen) => new()
    {
        Asked = asked.ToString(),
        Name = chosen.Model.Card.Name,
        Sha256 = chosen.Model.Card.Sha256,
        OwnShare = chosen.OwnShare is { } share ? Math.Round(share, 3) : null,
        Places = chosen.Places,
    };
}
