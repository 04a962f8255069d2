using System.Numerics;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Training.Importing;

/// <summary>Draws the outlines of a file into a label image, each with its type. What lies wholly outside the picture is left out.</summary>
internal sealed class NucleusDrawing
{
    private const int EllipsePoints = 32;
    private readonly Dictionary<int, string> _types = [];
    private readonly string _path;
    private readonly OutlinePainter _painter;
    private int _last;

    /// <summary>Begins a drawing.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="size">Pixels of its picture.</param>
    public NucleusDrawing(string path, PixelSize size)
    {
        _path = path;
        Labels = new LabelImage(size.Width, size.Height);
        _painter = new OutlinePainter(path, Labels);
    }

    /// <summary>The labels so far.</summary>
    public LabelImage Labels { get; }

    /// <summary>Their types.</summary>
    public IReadOnlyDictionary<int, string> Types => _types;

    /// <summary>Adds a nucleus.</summary>
    /// <param name="rings">The outer ring of each of its parts, in pixels.</param>
    /// <param name="type">Its type, or null.</param>
    /// <exception cref="TrainingException">A place is no number, or lies absurdly far away.</exception>
    /// <exception cref="SlideException">The outlines reach far beyond the picture, or lie on each other by the dozen.</exception>
    public void Add(IEnumerable<Vector2[]> rings, string? type)
    {
        var label = _last + 1;
        foreach (var ring in rings.Where(r => r.Length >= 3))
        {
            _painter.Paint(Rounded(ring), label);
        }

        // One that other nuclei or the edge hide has no pixel, and gets no number.
        if (Labels.Labels.AsSpan().Contains(label))
        {
            _last = label;
            if (type is not null)
            {
                _types[label] = type;
            }
        }
    }

    /// <summary>Adds the ellipse that fits into a box.</summary>
    public void AddEllipse(Vector2 low, Vector2 high, string? type)
    {
        var (centre, half) = ((low + high) / 2, (high - low) / 2);
        Add(
            [
                [
                    .. Enumerable
                        .Range(0, EllipsePoints)
                        .Select(i => centre + (half * new Vector2(MathF.Cos(i * MathF.Tau / EllipsePoints), MathF.Sin(i * MathF.Tau / EllipsePoints)))),
                ],
            ],
            type);
    }

    private OutlinePoint[] Rounded(Vector2[] ring)
    {
        try
        {
            return Array.ConvertAll(ring, p => OutlinePoint.Round(p.X, p.Y));
        }
        catch (OverflowException e)
        {
            throw new TrainingException(_path, "holds an outline with a place that is no number, or lies millions of pixels away.", e);
        }
    }
}
