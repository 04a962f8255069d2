using SkiaSharp;

namespace HoverFast.Server.Nuclei;

/// <summary>Nuclei in each square of a grid over the slide, and the picture that shows them when far out.</summary>
/// <param name="width">Squares in a row.</param>
/// <param name="height">Rows.</param>
internal sealed class DensityGrid(int width, int height)
{
    /// <summary>The part of the squares with nuclei whose density is shown in the last colour or below it.</summary>
    private const double Shown = 0.995;

    // Inferno (Smith and van der Walt, CC0) at six places, the black left out: dark violet to yellow.
    private static readonly (byte R, byte G, byte B)[] _colours =
    [
        (40, 11, 84),
        (101, 21, 110),
        (159, 42, 99),
        (212, 72, 66),
        (245, 125, 21),
        (250, 193, 39),
    ];

    private readonly int[] _counts = new int[width * height];

    /// <summary>Counts a nucleus; one beyond the grid is passed over.</summary>
    public void Add(int column, int row)
    {
        if (column >= 0 && row >= 0 && column < width && row < height)
        {
            _counts[(row * width) + column]++;
        }
    }

    /// <summary>
    /// The picture, smoothed over two squares about, transparent where nothing is. Its first bytes are the density of the last colour, in nuclei per mm2.
    /// </summary>
    /// <param name="micrometres">Micrometres on a side of a square.</param>
    public byte[] ToPng(double micrometres)
    {
        var smooth = Smooth();
        var some = Array.FindAll(smooth, v => v > 0.02f);
        Array.Sort(some);
        var most = some.Length == 0 ? 1 : Math.Max(some[Math.Min(some.Length - 1, (int)(some.Length * Shown))], 0.05f);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < smooth.Length; i++)
        {
            var part = Math.Min(1, smooth[i] / most);
            var place = part * (_colours.Length - 1);
            var at = Math.Min((int)place, _colours.Length - 2);
            var (a, b) = (_colours[at], _colours[at + 1]);
            var share = place - at;
            pixels[4 * i] = (byte)(a.R + ((b.R - a.R) * share));
            pixels[(4 * i) + 1] = (byte)(a.G + ((b.G - a.G) * share));
            pixels[(4 * i) + 2] = (byte)(a.B + ((b.B - a.B) * share));
            pixels[(4 * i) + 3] = (byte)(255 * Math.Min(1, part * 4));
        }

        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return [.. BitConverter.GetBytes(most / (micrometres * micrometres) * 1e6), .. png.ToArray()];
    }

    private float[] Smooth()
    {
        float[] kernel = [0.06f, 0.24f, 0.4f, 0.24f, 0.06f];
        var rows = new float[_counts.Length];
        var both = new float[_counts.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var k = -2; k <= 2; k++)
                {
                    rows[(y * width) + x] += x + k >= 0 && x + k < width ? kernel[k + 2] * _counts[(y * width) + x + k] : 0;
                }
            }
        }

        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var k = -2; k <= 2; k++)
                {
                    both[(y * width) + x] += y + k >= 0 && y + k < height ? kernel[k + 2] * rows[((y + k) * width) + x] : 0;
                }
            }
        }

        return both;
    }
}
