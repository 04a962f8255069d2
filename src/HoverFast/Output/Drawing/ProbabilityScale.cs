using HoverFast.Slides;

namespace HoverFast.Output.Drawing;

/// <summary>
/// Colours for probabilities over stained tissue: red (0) over orange and yellow to cyan (1). H&amp;E and DAB have none of them, and who can't tell red from
/// green tells the ends by their lightness.
/// </summary>
internal static class ProbabilityScale
{
    /// <summary>Height of the scale with its words, in pixels.</summary>
    public const int Height = 56;

    private const int LongestBar = 240;
    private const int BarHeight = 10;
    private const int Edge = 8;
    private const int LetterSize = 12;

    private static readonly (double R, double G, double B)[] _colours = [(255, 0, 0), (255, 130, 0), (255, 235, 0), (120, 255, 120), (0, 255, 255)];

    /// <summary>The colour of a probability; grey where there is none.</summary>
    /// <param name="probability">0 to 1, or NaN.</param>
    public static (byte R, byte G, byte B) ColourOf(double probability)
    {
        if (!double.IsFinite(probability))
        {
            return (200, 200, 200);
        }

        var place = Math.Clamp(probability, 0, 1) * (_colours.Length - 1);
        var first = Math.Min((int)place, _colours.Length - 2);
        var (a, b, t) = (_colours[first], _colours[first + 1], place - first);
        return ((byte)Math.Round(a.R + (t * (b.R - a.R))), (byte)Math.Round(a.G + (t * (b.G - a.G))), (byte)Math.Round(a.B + (t * (b.B - a.B))));
    }

    /// <summary>The picture with the scale below it, on white; pixels of the picture stay where they are.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="words">What the scale tells.</param>
    public static RgbImage Below(RgbImage picture, string words)
    {
        var whole = new RgbImage(picture.Width, picture.Height + Height);
        picture.Span.CopyTo(whole.Span);
        whole.Span[picture.Span.Length..].Fill(255);
        var length = Math.Min(LongestBar, picture.Width - (2 * Edge));
        if (length < 3 * LetterSize)
        {
            return whole;
        }

        for (var x = 0; x < length; x++)
        {
            var (r, g, b) = ColourOf(x / (length - 1.0));
            for (var y = 0; y < BarHeight; y++)
            {
                var pixel = whole.Row(picture.Height + Edge + y).Slice((Edge + x) * 3, 3);
                (pixel[0], pixel[1], pixel[2]) = (r, g, b);
            }
        }

        var baseline = picture.Height + Edge + BarHeight + LetterSize + 2;
        Lettering.Write(whole, "0", Edge, baseline, LetterSize, (0, 0, 0));
        Lettering.Write(whole, "0.5", Edge + (length / 2) - LetterSize + 4, baseline, LetterSize, (0, 0, 0));
        Lettering.Write(whole, "1", Edge + length - (LetterSize / 2), baseline, LetterSize, (0, 0, 0));
        Lettering.Write(whole, words, Edge, baseline + LetterSize + 3, LetterSize, (0, 0, 0));
        return whole;
    }
}
