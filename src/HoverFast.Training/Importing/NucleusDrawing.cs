using System.Numerics;
using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Training.Importing;

/// <summary>Draws outlines into a label image, each with its type. What lies wholly outside the picture is left out.</summary>
internal sealed class NucleusDrawing(PixelSize size)
{
    private const int EllipsePoints = 32;
    private readonly Dictionary<int, string> _types = [];
    private int _last;

    /// <summary>The labels so far.</summary>
    public LabelImage Labels { get; } = new(size.Width, size.Height);

    /// <summary>Their types.</summary>
    public IReadOnlyDictionary<int, string> Types => _types;

    /// <summary>Adds a nucleus.</summary>
    /// <param name="rings">The outer ring of each of its parts, in pixels.</param>
    /// <param name="type">Its type, or null.</param>
    public void Add(IEnumerable<Vector2[]> rings, string? type)
    {
        var label = _last + 1;
        foreach (var ring in rings.Where(r => r.Length >= 3))
        {
            LabelPainter.Fill(Labels, ring, label);
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
}
