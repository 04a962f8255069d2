namespace HoverFast.Slides.Jpeg;

/// <summary>
/// Decodes JPEG streams to RGB, at full size or shrunk by a power of two (in the frequency domain, which saves most of the work).
/// Thread safe.
/// </summary>
internal abstract class JpegDecoder
{
    private static readonly Lazy<JpegDecoder> _best = new(() => TurboJpegDecoder.TryCreate() ?? (JpegDecoder)new SkiaJpegDecoder());

    /// <summary>The reductions that every decoder offers.</summary>
    public static IReadOnlyList<int> Reductions { get; } = [1, 2, 4, 8];

    /// <summary>The fastest decoder that this machine has: libjpeg-turbo where its library is installed, Skia's otherwise.</summary>
    public static JpegDecoder Best => _best.Value;

    /// <summary>The decoder in words.</summary>
    public abstract string Name { get; }

    /// <summary>Decodes one stream.</summary>
    /// <param name="stream">A whole JPEG stream, tables included.</param>
    /// <param name="width">The stream's own width (<see cref="JpegStream.ReadFrame"/>).</param>
    /// <param name="height">The stream's own height.</param>
    /// <param name="reduction">1, 2, 4 or 8: the picture has ceil(width / reduction) x ceil(height / reduction) pixels.</param>
    /// <param name="rgb">Takes R, G, B.</param>
    /// <param name="stride">Bytes from one row of <paramref name="rgb"/> to the next.</param>
    /// <exception cref="InvalidDataException">The stream is damaged or cut short.</exception>
    public void Decode(ReadOnlySpan<byte> stream, int width, int height, int reduction, Span<byte> rgb, int stride)
    {
        var reducedWidth = CeilingDivide(width, reduction);
        var reducedHeight = CeilingDivide(height, reduction);
        if (stride < reducedWidth * 3 || rgb.Length < ((long)(reducedHeight - 1) * stride) + (reducedWidth * 3))
        {
            throw new ArgumentException($"{reducedWidth} x {reducedHeight} pixels don't fit.", nameof(rgb));
        }

        DecodeTo(stream, reducedWidth, reducedHeight, rgb, stride);
    }

    /// <summary>Decodes to exactly the given (reduced) size.</summary>
    protected abstract void DecodeTo(ReadOnlySpan<byte> stream, int width, int height, Span<byte> rgb, int stride);

    private static int CeilingDivide(int value, int divisor) => (value + divisor - 1) / divisor;
}
