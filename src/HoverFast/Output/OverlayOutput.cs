using HoverFast.Slides;

namespace HoverFast.Output;

/// <summary>
/// Draws the outlines over the picture, as PNG at full resolution. Neighbours take turns in bright colours that H&amp;E and DAB do not
/// have; where the model knows types, each type has its own.
/// </summary>
public sealed class OverlayOutput : INucleusOutput
{
    private const double LineWidth = 1.5;

    private static readonly (byte R, byte G, byte B)[] _turns = [(0, 255, 0), (255, 255, 0), (0, 255, 255), (255, 140, 0), (170, 255, 60), (90, 200, 255)];

    private readonly RgbImage _picture;
    private readonly IReadOnlyList<NucleusClass> _classes;
    private readonly OutlineBrush _brush = new(LineWidth);

    /// <summary>Starts the picture.</summary>
    /// <param name="path">Where to; by custom <c>NAME.overlay.png</c>.</param>
    /// <param name="picture">The picture at full resolution, its corner that of the slide's bounds; a copy is drawn into.</param>
    /// <param name="classes">The types that the model knows, type 1 first; empty where it knows none.</param>
    public OverlayOutput(string path, RgbImage picture, IReadOnlyList<NucleusClass>? classes = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(picture);
        Path = path;
        _picture = new RgbImage(picture.Width, picture.Height, picture.Span.ToArray());
        _classes = classes ?? [];
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        var type = nucleus.Nucleus.Type;
        var colour = type >= 1 && type <= _classes.Count
            ? (_classes[type - 1].Red, _classes[type - 1].Green, _classes[type - 1].Blue)
            : _turns[(int)(nucleus.Ordinal % _turns.Length)];
        _brush.Draw(_picture, nucleus.Outline, colour);
    }

    /// <inheritdoc/>
    public void Complete() => RgbImageFile.WritePng(Path, _picture);

    /// <summary>Does nothing: no file is open.</summary>
    public void Dispose()
    {
    }
}
