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
    public static RgbImage Read(string path) => WholePicture.Read(path, "a tile to learn from");

    /// <summary>Hash of a picture's pixels, by which copies are known.</summary>
    public static UInt128 HashOf(RgbImage picture) => XxHash128.HashToUInt128(picture.Span, picture.Width);
}
