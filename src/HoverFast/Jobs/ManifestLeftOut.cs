using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>What was left out of a result because of artefacts, where that was asked for.</summary>
public sealed record ManifestLeftOut
{
    /// <summary>Tissue that was left out, in square millimetres.</summary>
    public required double Area { get; init; }

    /// <summary>Nuclei that were found there and are in no output.</summary>
    public required long Nuclei { get; init; }

    /// <summary>How many fields have each artefact: pen, dark, bright, blurred ...</summary>
    public required IReadOnlyDictionary<string, int> Reasons { get; init; }

    /// <summary>Microns on a side of a field.</summary>
    public double FieldMicrons { get; init; } = FieldSums.Side;

    /// <summary>The fields, a row of fields a line: "12: 3 to 7, 9" are five columns and one of row 12, from 0 at the slide's corner.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>The fields, to be asked.</summary>
    /// <param name="name">The result's name.</param>
    /// <param name="scale">Full-resolution pixels in a micron.</param>
    /// <param name="bounds">The slide's bounds.</param>
    /// <exception cref="SlideException">The list can't be understood.</exception>
    internal ArtefactFields Read(string name, double scale, PixelRect bounds)
    {
        try
        {
            return ArtefactFields.Parse(Fields, scale, -bounds.X, -bounds.Y);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new SlideException(name + Manifest.Ending, $"its list of fields that were left out can't be understood ({e.Message.TrimEnd('.')}).", e);
        }
    }

    internal static ManifestLeftOut Of(LeftOut left) => new()
    {
        Area = Math.Round(left.Area, 4),
        Nuclei = left.Nuclei,
        Reasons = left.Reasons,
        Fields = left.Fields.ToRows(),
    };
}
