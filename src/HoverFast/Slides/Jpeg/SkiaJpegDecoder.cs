using System.Buffers;
using SkiaSharp;

namespace HoverFast.Slides.Jpeg;

/// <summary>Skia's JPEG decoder: always there.</summary>
internal sealed unsafe class SkiaJpegDecoder : JpegDecoder
{
    /// <inheritdoc/>
    public override string Name => "Skia";

    /// <inheritdoc/>
    protected override void DecodeTo(ReadOnlySpan<byte> stream, int width, int height, Span<byte> rgb, int stride)
    {
        var length = checked(width * height * 4);
        var rgba = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            fixed (byte* source = stream)
            fixed (byte* target = rgba)
            {
                using var data = SKData.Create((nint)source, stream.Length);
                using var codec = SKCodec.Create(data) ?? throw new InvalidDataException("The JPEG data can't be decoded.");
                var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
                var result = codec.GetPixels(info, (nint)target);
                if (result != SKCodecResult.Success)
                {
                    throw new InvalidDataException(result == SKCodecResult.IncompleteInput
                        ? "The JPEG data is cut short or damaged."
                        : $"The JPEG data can't be decoded ({result}).");
                }
            }

            for (var y = 0; y < height; y++)
            {
                RgbaToRgb.Convert(rgba.AsSpan(y * width * 4, width * 4), rgb.Slice(y * stride, width * 3));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }
    }
}
