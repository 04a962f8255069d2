using HoverFast.Slides;

namespace HoverFast.Labels;

/// <summary>A picture of instances: 0 is background, 1..N one nucleus each; row-major.</summary>
public sealed class LabelImage
{
    /// <summary>Makes a label image over new memory (all background) or over the given one.</summary>
    public LabelImage(int width, int height, int[]? labels = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var n = checked(width * height);
        if (labels is not null && labels.Length != n)
        {
            throw new ArgumentException($"{width} x {height} labels need {n} elements.", nameof(labels));
        }

        Width = width;
        Height = height;
        Labels = labels ?? new int[n];
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Width and height.</summary>
    public PixelSize Size => new(Width, Height);

    /// <summary>The labels: that of pixel (x, y) is at y * Width + x.</summary>
    public int[] Labels { get; }
}
