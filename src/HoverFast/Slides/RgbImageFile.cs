using HoverFast.Files;
using SkiaSharp;

namespace HoverFast.Slides;

/// <summary>
/// Reads and writes plain pictures. Colours are the stored values: colour profiles are ignored, as the models are trained without them.
/// A camera's orientation tag (EXIF) is honoured. Transparent parts are laid over white.
/// </summary>
public static class RgbImageFile
{
    /// <summary>The most pixels that a plain picture may have; larger ones belong in a tiled file.</summary>
    public const long MostPixels = ReadingLimits.MostPicturePixels;

    /// <summary>Reads a PNG, JPEG, BMP, GIF or WebP file.</summary>
    /// <exception cref="SlideException">The file is missing, no picture, cut short or too large.</exception>
    public static RgbImage Read(string path) => Read(path, out _);

    /// <summary>Reads a PNG, JPEG, BMP, GIF or WebP file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">The format in words, for example "PNG".</param>
    /// <exception cref="SlideException">The file is missing, no picture, cut short or too large.</exception>
    public static RgbImage Read(string path, out string format)
    {
        using var file = PictureFile.Open(path);
        format = file.Format;
        if (file.Orientation != SKEncodedOrigin.TopLeft)
        {
            format += " (turned as its EXIF orientation says)";
        }

        return Decode(path, file);
    }

    /// <summary>Writes a PNG file (whole or not at all).</summary>
    public static void WritePng(string path, RgbImage image) => Write(path, image, SKEncodedImageFormat.Png, 100);

    /// <summary>Writes a JPEG file (whole or not at all).</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1 to 100.</param>
    public static void WriteJpeg(string path, RgbImage image, int quality = 90) => Write(path, image, SKEncodedImageFormat.Jpeg, quality);

    /// <summary>A JPEG file in memory.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1 to 100.</param>
    internal static byte[] ToJpeg(RgbImage image, int quality = 90)
    {
        using var encoded = Encode(image, SKEncodedImageFormat.Jpeg, quality) ?? throw new IOException("a picture can't be written as JPEG.");
        return encoded.ToArray();
    }

    /// <summary>Why a file can't be opened, in words for the user.</summary>
    internal static string Unreadable(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file.",
        UnauthorizedAccessException => "the file may not be read; check its permissions.",
        _ => $"the file can't be read ({e.Message.TrimEnd('.')}).",
    };

    private static RgbImage Decode(string path, PictureFile file)
    {
        var (width, height) = (file.Size.Width, file.Size.Height);
        if (!ReadingLimits.MayHoldPicture(file.Size, file.IsLean && file.Orientation == SKEncodedOrigin.TopLeft, file.Length))
        {
            throw new SlideException(
                path,
                $"the picture has {width} x {height} pixels; plain pictures may have {MostPixels / 1_000_000} million, and fewer where their format must be decoded as a whole. "
                    + "Convert it to a tiled TIFF, for example with: vips tiffsave IN OUT.tif --tile --pyramid --compression jpeg --bigtiff");
        }

        var image = new RgbImage(width, height);
        var shift = file.IsDeep ? DeepShift(file) : 8;
        if (shift < 8)
        {
            file.ReadDeep((y, samples) => DeepToRgb(samples, shift, image.Row(y)));
        }
        else
        {
            file.Read((y, rows, pixels) =>
            {
                var target = image.Pixels.AsSpan(y * width * 3, rows * width * 3);
                if (file.IsOpaque)
                {
                    RgbaToRgb.Convert(pixels, target);
                }
                else
                {
                    RgbaToRgb.OverWhite(pixels, target);
                }
            });
        }

        return PictureTurn.Apply(image, file.Orientation);
    }

    /// <summary>How far 16-bit samples are to be shifted: programs store 8, 10 or 12 bits in 16 without a word.</summary>
    private static int DeepShift(PictureFile file)
    {
        var largest = 0;
        file.ReadDeep((_, samples) =>
        {
            var channels = samples.Length / file.Size.Width;
            for (var i = 0; i < samples.Length; i++)
            {
                // Alpha is as deep as it should be.
                largest = channels % 2 == 0 && i % channels == channels - 1 ? largest : Math.Max(largest, samples[i]);
            }
        });
        return SampleDepth.Of(largest) - 8;
    }

    private static void DeepToRgb(ReadOnlySpan<ushort> samples, int shift, Span<byte> rgb)
    {
        var channels = samples.Length * 3 / rgb.Length;
        var step = channels < 3 ? 0 : 1;
        for (int i = 0, o = 0; o < rgb.Length; i += channels, o += 3)
        {
            var pixel = rgb.Slice(o, 3);
            for (var c = 0; c < 3; c++)
            {
                pixel[c] = (byte)Math.Min(255, samples[i + (c * step)] >> shift);
            }

            if (channels % 2 == 0)
            {
                RgbaToRgb.OverWhite(pixel, (byte)(samples[i + channels - 1] >> 8), isPremultiplied: false);
            }
        }
    }

    private static void Write(string path, RgbImage image, SKEncodedImageFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentException.ThrowIfNullOrEmpty(path);

        // To memory first: an error of the disk must not be thrown through Skia's native code.
        using var encoded = Encode(image, format, quality) ?? throw new IOException($"{path}: the picture can't be written as {format}.");
        PartialFile.Write(path, encoded.SaveTo);
    }

    private static SKData? Encode(RgbImage image, SKEncodedImageFormat format, int quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        RgbaToRgb.Expand(image.Span, bitmap);
        return bitmap.Encode(format, quality);
    }
}
