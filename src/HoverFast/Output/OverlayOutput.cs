using HoverFast.Output.Drawing;
using HoverFast.Slides;

namespace HoverFast.Output;

/// <summary>
/// Draws the outlines over the picture, as PNG at full resolution. Neighbours take turns in bright colours that H&amp;E and DAB do not
/// have; where the model knows types, each type has its own. Or colours tell the match probability, and their scale stands below the picture.
/// </summary>
internal sealed class OverlayOutput : INucleusOutput
{
    /// <summary>Width of the lines in pixels where none is asked for.</summary>
    public const double UsualWidth = 1.5;

    private static readonly (byte R, byte G, byte B)[] _turns = [(0, 255, 0), (255, 255, 0), (0, 255, 255), (255, 140, 0), (170, 255, 60), (90, 200, 255)];

    private readonly RgbImage _picture;
    private readonly IReadOnlyList<NucleusClass> _classes;
    private readonly (byte R, byte G, byte B)? _colour;
    private readonly bool _byMatchProbability;
    private readonly OutlineBrush _brush;

    /// <summary>Starts the picture.</summary>
    /// <param name="path">Where to; by custom <c>NAME.overlay.png</c>.</param>
    /// <param name="picture">The picture at full resolution, its corner that of the slide's bounds; a copy is drawn into.</param>
    /// <param name="classes">The types that the model knows, type 1 first; empty where it knows none.</param>
    /// <param name="width">Width of the lines in pixels.</param>
    /// <param name="colour">One colour for all outlines, instead of those by turns or by type.</param>
    /// <param name="byMatchProbability">Whether colours tell the match probability.</param>
    public OverlayOutput(
        string path,
        RgbImage picture,
        IReadOnlyList<NucleusClass>? classes = null,
        double width = UsualWidth,
        (byte R, byte G, byte B)? colour = null,
        bool byMatchProbability = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(picture);
        Path = path;
        _picture = new RgbImage(picture.Width, picture.Height, picture.Span.ToArray());
        _classes = classes ?? [];
        _colour = colour;
        _byMatchProbability = byMatchProbability;
        _brush = new OutlineBrush(width);
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        var type = nucleus.Nucleus.Type;
        var colour = _byMatchProbability ? ProbabilityScale.ColourOf(nucleus.Nucleus.MatchProbability) : _colour ?? (type >= 1 && type <= _classes.Count
            ? (_classes[type - 1].Red, _classes[type - 1].Green, _classes[type - 1].Blue)
            : _turns[(int)(nucleus.Ordinal % _turns.Length)]);
        _brush.Draw(_picture, nucleus.Outline, colour);
    }

    /// <inheritdoc/>
    public void Complete() => RgbImageFile.WritePng(Path, _byMatchProbability ? ProbabilityScale.Below(_picture, "match probability") : _picture);

    /// <summary>Does nothing: no file is open.</summary>
    public void Dispose()
    {
    }
}
