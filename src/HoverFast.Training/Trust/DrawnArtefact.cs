using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Training.Data;

namespace HoverFast.Training.Trust;

/// <summary>Draws what goes wrong when a slide is made onto a picture of good tissue.</summary>
internal static class DrawnArtefact
{
    /// <summary>
    /// A fold: within a bent strip the optical densities of the tissue beside it, mirrored at the strip's edge, are added to those of the picture.
    /// </summary>
    /// <param name="picture">The picture; it is left as it is.</param>
    /// <param name="width">Mean width of the strip in pixels.</param>
    /// <param name="random">Where it lies, and how it is bent.</param>
    public static RgbImage Fold(RgbImage picture, double width, Random random)
    {
        var copy = new RgbImage(picture.Width, picture.Height);
        var (sin, cos) = Math.SinCos(random.NextDouble() * Math.PI);
        var (centreX, centreY) = (picture.Width * Between(random, 0.35, 0.65), picture.Height * Between(random, 0.35, 0.65));
        var (bend, phase, swell) = (Between(random, 80, 200), Between(random, 0, Math.Tau), Between(random, 0, Math.Tau));
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var along = ((x - centreX) * cos) + ((y - centreY) * sin);
                var across = ((y - centreY) * cos) - ((x - centreX) * sin) + (width / 4 * Math.Sin((along / bend) + phase));
                var half = width / 2 * (1 + (0.25 * Math.Sin((along / 150) + swell)));
                var share = Math.Clamp(((half - Math.Abs(across)) / 2) + 0.5, 0, 1);
                var shift = 2 * (half - across);
                var own = picture.Row(y).Slice(3 * x, 3);
                var otherX = CropSampler.Mirrored((int)(x - (sin * shift)), picture.Width);
                var otherY = CropSampler.Mirrored((int)(y + (cos * shift)), picture.Height);
                var other = picture.Row(otherY).Slice(3 * otherX, 3);
                for (var c = 0; c < 3; c++)
                {
                    var density = OpticalDensity.Decadic[own[c]] + (share * OpticalDensity.Decadic[other[c]]);
                    copy.Row(y)[(3 * x) + c] = DegradedPicture.OfDensity(density);
                }
            }
        }

        return copy;
    }

    /// <summary>A bubble: out of focus, of less contrast and greyer inside, with a thin dark rim and a bright line around it.</summary>
    /// <param name="picture">The picture; it is left as it is.</param>
    /// <param name="diameter">Its diameter in pixels.</param>
    /// <param name="random">Where it lies, its outline, and how much is seen through it.</param>
    public static RgbImage Bubble(RgbImage picture, double diameter, Random random)
    {
        const double Dark = 30;
        const double Bright = 250;
        var copy = new RgbImage(picture.Width, picture.Height);
        var blurred = DegradedPicture.Blur(picture, Between(random, 3, 7));
        var (centreX, centreY) = (picture.Width * Between(random, 0.3, 0.7), picture.Height * Between(random, 0.3, 0.7));
        var (contrast, rim, shade) = (Between(random, 0.4, 0.75), Between(random, 6, 14), Between(random, 0.6, 0.9));
        var (oval, dent) = (Between(random, 0, Math.Tau), Between(random, 0, Math.Tau));
        double[] mean = [0, 0, 0];
        for (var i = 0; i < picture.Span.Length; i++)
        {
            mean[i % 3] += 3.0 * picture.Span[i] / picture.Span.Length;
        }

        var grey = mean.Average();
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var angle = Math.Atan2(y - centreY, x - centreX);
                var outline = 1 + (0.06 * Math.Sin((2 * angle) + oval)) + (0.03 * Math.Sin((3 * angle) + dent));
                var outside = (Math.Sqrt(Math.Pow(x - centreX, 2) + Math.Pow(y - centreY, 2)) / outline) - (diameter / 2);
                var within = Math.Clamp((-outside / 3) + 0.5, 0, 1);
                var dark = shade * Math.Exp(-Math.Pow((outside + (rim / 2)) / (rim / 2), 2));
                var bright = 0.35 * Math.Exp(-Math.Pow((outside - (rim / 2)) / (rim / 3), 2));
                for (var c = 0; c < 3; c++)
                {
                    var at = (3 * x) + c;
                    var seen = ((blurred.Row(y)[at] - mean[c]) * contrast) + (0.6 * mean[c]) + (0.4 * grey);
                    var value = (picture.Row(y)[at] * (1 - within)) + (seen * within);
                    value += dark * (Dark - value);
                    copy.Row(y)[at] = Value(value + (bright * (Bright - value)));
                }
            }
        }

        return copy;
    }

    /// <summary>
    /// Dust: a dark speck with a ragged outline, or, as often, a bent fibre a fifth as wide and four times as long; of hardly any colour, its edge sharp
    /// or soft.
    /// </summary>
    /// <param name="picture">The picture; it is left as it is.</param>
    /// <param name="diameter">The speck's diameter in pixels.</param>
    /// <param name="random">What it is, where it lies, and how dark and sharp it is.</param>
    public static RgbImage Dust(RgbImage picture, double diameter, Random random)
    {
        var copy = new RgbImage(picture.Width, picture.Height, [.. picture.Span]);
        var isFibre = random.Next(2) == 0;
        var (centreX, centreY) = (picture.Width * Between(random, 0.2, 0.8), picture.Height * Between(random, 0.2, 0.8));
        var (sin, cos) = Math.SinCos(random.NextDouble() * Math.PI);
        var (opacity, edge) = (Between(random, 0.75, 0.98), Between(random, 1, 10));
        var (phase, bend) = (Between(random, 0, Math.Tau), Between(random, 0.1, 0.4));
        var grey = Between(random, 15, 60);
        double[] colour = [grey + Between(random, -6, 6), grey + Between(random, -6, 6), grey + Between(random, -6, 6)];
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var outside = isFibre ? OutsideFibre(x - centreX, y - centreY) : OutsideSpeck(x - centreX, y - centreY);
                var share = opacity * Math.Clamp((-outside / edge) + 0.5, 0, 1);
                for (var c = 0; c < 3 && share > 0; c++)
                {
                    ref var value = ref copy.Row(y)[(3 * x) + c];
                    value = Value(value + (share * (colour[c] - value)));
                }
            }
        }

        return copy;

        double OutsideSpeck(double x, double y)
        {
            var angle = Math.Atan2(y, x);
            return Math.Sqrt((x * x) + (y * y)) - (diameter / 2 * (1 + (0.2 * Math.Sin((3 * angle) + phase)) + (0.1 * Math.Sin((7 * angle) - phase))));
        }

        double OutsideFibre(double x, double y)
        {
            var along = (x * cos) + (y * sin);
            var across = (y * cos) - (x * sin) + (diameter * bend * Math.Sin((along / diameter) + phase));
            return Math.Max(Math.Abs(across) - (diameter / 10), Math.Abs(along) - (2 * diameter));
        }
    }

    private static double Between(Random random, double from, double to) => from + (random.NextDouble() * (to - from));

    private static byte Value(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
}
