using System.Buffers;
using HoverFast.Files;
using SkiaSharp;

namespace HoverFast.Slides;

/// <summary>
/// Reads and writes plain pictures. Colours are the stored values: colour profiles are ignored, as the models are trained without them,
/// and so is a camera's rotation tag. Transparent parts are laid over white.
/// </summary>
public static class RgbImageFile
{
    /// <summary>The most pixels that a plain picture may have; larger ones belong in a tiled file.</summary>
    public const long MostPixels = 150_000_000;


    /// <summary>Reads a PNG, JPEG, BMP, GIF or WebP file.</summary>
    /// <exception cref="SlideException">The file is missing, no picture, cut short or too large.</exception>
    public static RgbImage Read(string path) => Read(path, out _);

    /// <summary>Reads a PNG, JPEG, BMP, GIF or WebP file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">The format in words, for example "PNG".</param>
    /// <exception cref="SlideException">The file is missing, no picture, cut short or too large.</exception>
    public static RgbImage Read(string path, out string format)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = RegularFile.OpenRead(path);
            if (file.Length == 0)
            {
                throw new SlideException(path, "the file is empty.");
            }

            using var codec = SKCodec.Create(file, out var opened);
            if (codec is null)
            {
                throw new SlideException(path, opened == SKCodecResult.IncompleteInput
                    ? "the picture is cut short."
                    : "is no picture that can be read. PNG, JPEG, BMP, GIF, WebP, TIFF and whole-slide formats can.");
            }

            format = codec.EncodedFormat.ToString().ToUpperInvariant();
            return Decode(path, codec);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, Unreadable(e), e);
        }
    }

    /// <summary>Writes a PNG file (whole or not at all).</summary>
    public static void WritePng(string path, RgbImage image) => Write(path, image, SKEncodedImageFormat.Png, 100);

    /// <summary>Writes a JPEG file (whole or not at all).</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1 to 100.</param>
    public static void WriteJpeg(string path, RgbImage image, int quality = 90) => Write(path, image, SKEncodedImageFormat.Jpeg, quality);

    /// <summary>Why a file can't be opened, in words for the user.</summary>
    internal static string Unreadable(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file.",
        UnauthorizedAccessException => "the file may not be read; check its permissions.",
        _ => $"the file can't be read ({e.Message.TrimEnd('.')}).",
    };

    private static RgbImage Decode(string path, SKCodec codec)
    {
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MostPixels)
        {
            throw new SlideException(path, $"the picture has {width} x {height} pixels; plain pictures may have {MostPixels / 1_000_000} million. " +
                "Convert it to a tiled TIFF, for example with: vips tiffsave IN OUT.tif --tile --pyramid --compression jpeg --bigtiff");
        }

        var image = new RgbImage(width, height);
        var opaque = codec.Info.AlphaType == SKAlphaType.Opaque;
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);

        // Row by row where the format allows it: a quarter of the memory at most.
        var band = codec.StartScanlineDecode(info) == SKCodecResult.Success && codec.ScanlineOrder == SKCodecScanlineOrder.TopDown
            ? Math.Clamp((1 << 20) / width, 1, height)
            : height;
        var rgba = ArrayPool<byte>.Shared.Rent(checked(width * band * 4));
        try
        {
            unsafe
            {
                fixed (byte* target = rgba)
                {
                    for (var y = 0; y < height; y += band)
                    {
                        var rows = Math.Min(band, height - y);
                        var whole = band == height
                            ? codec.GetPixels(info, (nint)target) == SKCodecResult.Success
                            : codec.GetScanlines((nint)target, rows, width * 4) == rows;
                        if (!whole)
                        {
                            throw new SlideException(path, "the picture is cut short or damaged.");
                        }

                        for (var row = 0; row < rows; row++)
                        {
                            var from = rgba.AsSpan(row * width * 4, width * 4);
                            if (opaque)
                            {
                                RgbaToRgb.Convert(from, image.Row(y + row));
                            }
                            else
                            {
                                RgbaToRgb.OverWhite(from, image.Row(y + row));
                            }
                        }
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }

        return image;
    }

    private static void Write(string path, RgbImage image, SKEncodedImageFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        RgbaToRgb.Expand(image.Span, bitmap);

        // To memory first: an error of the disk must not be thrown through Skia's native code.
        using var encoded = bitmap.Encode(format, quality) ?? throw new IOException($"{path}: the picture can't be written as {format}.");
        PartialFile.Write(path, encoded.SaveTo);
    }
}
