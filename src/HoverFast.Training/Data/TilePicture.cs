using System.IO.Hashing;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>Reads a tile's picture as <c>segment</c> would: every format that the library opens, TIFF included.</summary>
internal static class TilePicture
{
    /// <summary>Endings of the files that count as pictures of tiles.</summary>
    public static IReadOnlySet<string> Extensions { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".svs",
    };

    /// <summary>Reads the whole picture at full resolution.</summary>
    /// <exception cref="SlideException">The file can't be read, or is a whole slide and no tile.</exception>
    public static RgbImage Read(string path)
    {
        using var slide = Slide.Open(path);
        var size = slide.Levels[0].Size;
        if (size.Area > RgbImageFile.MostPixels)
        {
            throw new SlideException(
                path,
                $"has {size} pixels; a tile to learn from may have {RgbImageFile.MostPixels / 1_000_000} million. Cut tiles of about 1000 x 1000 pixels from it.");
        }

        var picture = new RgbImage(size.Width, size.Height);
        slide.Read(0, 1, new PixelRect(0, 0, size.Width, size.Height), picture);
        return picture;
    }

    /// <summary>Hash of a picture's pixels, by which copies are known.</summary>
    public static UInt128 HashOf(RgbImage picture) => XxHash128.HashToUInt128(picture.Span, picture.Width);
}
