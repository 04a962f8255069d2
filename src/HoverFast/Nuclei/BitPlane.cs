using System.Runtime.Intrinsics;
using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>One bit a pixel, 64 to a word, rows padded to whole words: as small as a mask can be, and quick to skip where it is empty.</summary>
internal sealed class BitPlane
{
    /// <summary>Pixels of a word.</summary>
    public const int Word = 64;

    private ulong[] _words = [];

    /// <summary>Pixels in a row.</summary>
    public int Width { get; private set; }

    /// <summary>Rows.</summary>
    public int Height { get; private set; }

    /// <summary>Words in a row.</summary>
    public int WordsPerRow { get; private set; }

    /// <summary>The words of a row; bit i of word w is pixel 64 w + i, and bits beyond the row are 0.</summary>
    public Span<ulong> Row(int y) => _words.AsSpan(y * WordsPerRow, WordsPerRow);

    /// <summary>Takes a size; the words are whatever was there before.</summary>
    private void Resize(int width, int height)
    {
        (Width, Height, WordsPerRow) = (width, height, (width + Word - 1) / Word);
        if (_words.Length < WordsPerRow * height)
        {
            _words = new ulong[WordsPerRow * height];
        }
    }

    /// <summary>Sets the bits of the pixels whose probability is at least <paramref name="threshold"/>, and clears all others.</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="area">The part to look at; the plane takes its size.</param>
    /// <param name="threshold">On the scale of <see cref="NucleusMaps.ProbabilityScale"/>.</param>
    /// <param name="vectors">Whether the vector unit may be used; the bits are the same without.</param>
    public void Threshold(NucleusMaps maps, MapArea area, byte threshold, bool vectors)
    {
        Resize(area.Width, area.Height);
        var limit = Vector512.Create(threshold);
        for (var y = 0; y < area.Height; y++)
        {
            var row = maps.Probability.AsSpan(area.At(maps, 0, y), area.Width);
            var words = Row(y);
            for (var w = 0; w < words.Length; w++)
            {
                var pixels = row[(w * Word)..];
                words[w] = vectors && Vector128.IsHardwareAccelerated && pixels.Length >= Word
                    ? Vector512.GreaterThanOrEqual(Vector512.Create(pixels[..Word]), limit).ExtractMostSignificantBits()
                    : Bits(pixels, threshold);
            }
        }
    }

    private static ulong Bits(ReadOnlySpan<byte> pixels, byte threshold)
    {
        var bits = 0UL;
        for (var i = 0; i < Math.Min(Word, pixels.Length); i++)
        {
            bits |= pixels[i] >= threshold ? 1UL << i : 0;
        }

        return bits;
    }
}
