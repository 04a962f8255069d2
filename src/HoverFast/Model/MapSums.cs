namespace HoverFast.Model;

/// <summary>Sums of several answers about one picture, in the byte units of <see cref="NucleusMaps"/>.</summary>
internal sealed class MapSums(int width, int height)
{
    /// <summary>Answers that can be added up.</summary>
    private const int Most = ushort.MaxValue / byte.MaxValue;

    private readonly ushort[] _probability = new ushort[width * height];
    private readonly short[] _horizontal = new short[width * height];
    private readonly short[] _vertical = new short[width * height];

    /// <summary>Answers so far.</summary>
    public int Count { get; private set; }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        Count = 0;
        Array.Clear(_probability);
        Array.Clear(_horizontal);
        Array.Clear(_vertical);
    }

    /// <summary>Adds an answer. Nucleus types are left aside: they can't be averaged.</summary>
    public void Add(NucleusMaps maps)
    {
        if (maps.Width != width || maps.Height != height || Count == Most)
        {
            throw new ArgumentException(
                $"Up to {Most} maps of one size can be added, here of {width} x {height}, not {maps.Width} x {maps.Height}.",
                nameof(maps));
        }

        for (var i = 0; i < _probability.Length; i++)
        {
            _probability[i] += maps.Probability[i];
            _horizontal[i] += maps.Horizontal[i];
            _vertical[i] += maps.Vertical[i];
        }

        Count++;
    }

    /// <summary>The mean probability of a pixel, in its byte's units, not rounded.</summary>
    public double Probability(int pixel) => _probability[pixel] / (double)Count;

    /// <summary>Writes the means, rounded to the nearest, halves away from zero.</summary>
    /// <param name="mean">Takes them; its types stay.</param>
    public void Mean(NucleusMaps mean)
    {
        for (var i = 0; i < _probability.Length; i++)
        {
            mean.Probability[i] = (byte)Rounded(_probability[i]);
            mean.Horizontal[i] = (sbyte)Rounded(_horizontal[i]);
            mean.Vertical[i] = (sbyte)Rounded(_vertical[i]);
        }

        int Rounded(int sum) => ((2 * sum) + (sum < 0 ? -Count : Count)) / (2 * Count);
    }
}
