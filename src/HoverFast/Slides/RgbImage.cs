namespace HoverFast.Slides;

/// <summary>An 8-bit sRGB picture in memory: rows from the top, three interleaved bytes R, G, B a pixel, no padding.</summary>
public sealed class RgbImage
{
    /// <summary>Makes a picture over new memory (black) or over the given one.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">Memory of at least width x height x 3 bytes, or null to allocate. A longer (pooled) array is allowed.</param>
    public RgbImage(int width, int height, byte[]? pixels = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var length = checked(width * height * 3);
        if (pixels is not null && pixels.Length < length)
        {
            throw new ArgumentException($"{width} x {height} RGB pixels need {length} bytes.", nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels ?? new byte[length];
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The bytes: R, G, B of pixel (x, y) start at (y * Width + x) * 3. May be longer than the picture needs.</summary>
    public byte[] Pixels { get; }

    /// <summary>Width and height.</summary>
    public PixelSize Size => new(Width, Height);

    /// <summary>The picture's bytes, exactly width x height x 3.</summary>
    public Span<byte> Span => Pixels.AsSpan(0, Width * Height * 3);

    /// <summary>The bytes of one row.</summary>
    public Span<byte> Row(int y) => Pixels.AsSpan(y * Width * 3, Width * 3);

    /// <summary>Copies the picture into a larger one.</summary>
    /// <param name="destination">Takes the pixels.</param>
    /// <param name="x">Where this picture's left edge comes to lie.</param>
    /// <param name="y">Where its upper edge comes to lie.</param>
    internal void CopyTo(RgbImage destination, int x, int y)
    {
        for (var row = 0; row < Height; row++)
        {
            Row(row).CopyTo(destination.Row(y + row)[(3 * x)..]);
        }
    }
}
