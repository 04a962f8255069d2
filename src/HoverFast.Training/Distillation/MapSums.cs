using HoverFast.Model;

namespace HoverFast.Training.Distillation;

/// <summary>Sums of many opinions on one picture, in the byte units of <see cref="NucleusMaps"/>.</summary>
internal sealed class MapSums(int width, int height)
{
    private readonly int[] _probability = new int[width * height];
    private readonly int[] _squares = new int[width * height];
    private readonly int[] _horizontal = new int[width * height];
    private readonly int[] _vertical = new int[width * height];

    public int Width => width;

    public int Height => height;

    public void Add(int pixel, int probability, int horizontal, int vertical)
    {
        _probability[pixel] += probability;
        _squares[pixel] += probability * probability;
        _horizontal[pixel] += horizontal;
        _vertical[pixel] += vertical;
    }

    /// <summary>The means, and how far the opinions agree.</summary>
    /// <param name="opinions">How many were added to each pixel.</param>
    public SoftMaps Mean(int opinions)
    {
        var maps = new NucleusMaps(width, height);
        var agreement = new byte[width * height];
        for (var i = 0; i < agreement.Length; i++)
        {
            var mean = _probability[i] / (double)opinions;
            var spread = Math.Sqrt(Math.Max(0, (_squares[i] / (double)opinions) - (mean * mean)));
            maps.Probability[i] = (byte)Math.Round(mean);
            maps.Horizontal[i] = (sbyte)Math.Round(_horizontal[i] / (double)opinions);
            maps.Vertical[i] = (sbyte)Math.Round(_vertical[i] / (double)opinions);

            // The spread of opinions between 0 and 255 is at most half of that.
            agreement[i] = (byte)Math.Round(255 - Math.Min(255, 2 * spread));
        }

        return new SoftMaps(maps, agreement);
    }
}
