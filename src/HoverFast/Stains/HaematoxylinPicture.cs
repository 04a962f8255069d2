using HoverFast.Slides;

namespace HoverFast.Stains;

/// <summary>
/// Makes of a haematoxylin-DAB picture one of haematoxylin alone, so that a network that learned H&amp;E sees nuclei as it knows them: by
/// colour deconvolution (Ruifrok and Johnston, Anal Quant Cytol Histol 2001) with its haematoxylin, eosin and DAB vectors.
/// </summary>
internal static class HaematoxylinPicture
{
    private static readonly float[] _unmixing = [.. StainMatrix.HaematoxylinEosinDab.Weights(0).Select(w => (float)w)];
    private static readonly float[] _density = OpticalDensity.Natural;

    /// <summary>What a network that learned H&amp;E is shown of a picture in a stain: itself, or its haematoxylin alone.</summary>
    public static RgbImage ShownIn(Stain stain, RgbImage picture) => stain == Stain.HaematoxylinDab ? Of(picture) : picture;

    /// <summary>The picture in haematoxylin alone.</summary>
    public static RgbImage Of(RgbImage picture)
    {
        var result = new RgbImage(picture.Width, picture.Height);
        var from = picture.Span;
        var to = result.Span;
        var colours = new (byte R, byte G, byte B)[1024];
        for (var i = 0; i < colours.Length; i++)
        {
            var amount = i / 256f;
            colours[i] = (Shade(0), Shade(1), Shade(2));
            byte Shade(int channel) => (byte)MathF.Round(255 * MathF.Exp(-amount * (float)StainVectors.Haematoxylin[channel]));
        }

        for (var i = 0; i < from.Length; i += 3)
        {
            var amount = (_unmixing[0] * _density[from[i]]) + (_unmixing[1] * _density[from[i + 1]]) + (_unmixing[2] * _density[from[i + 2]]);
            (to[i], to[i + 1], to[i + 2]) = colours[(int)Math.Clamp(amount * 256, 0, colours.Length - 1)];
        }

        return result;
    }
}
