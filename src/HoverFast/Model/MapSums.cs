namespace HoverFast.Model;

/// <summary>Sums of several answers about one picture, in the byte units of <see cref="NucleusMaps"/>.</summary>
/// <param name="width">Pixels in a row of the maps.</param>
/// <param name="height">Their rows.</param>
/// <param name="tellsDisagreement">Whether <see cref="Disagreement"/> will be asked for.</param>
internal sealed class MapSums(int width, int height, bool tellsDisagreement = false)
{
    /// <summary>Answers that can be added up.</summary>
    private const int Most = ushort.MaxValue / byte.MaxValue;

    private readonly ushort[] _probability = new ushort[width * height];
    private readonly short[] _horizontal = new short[width * height];
    private readonly short[] _vertical = new short[width * height];
    private readonly int[]? _squares = tellsDisagreement ? new int[width * height] : null;

    /// <summary>Whether it can tell how far the answers disagree.</summary>
    public bool TellsDisagreement => _squares is not null;

    /// <summary>Answers so far.</summary>
    public int Count { get; private set; }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        Count = 0;
        Array.Clear(_probability);
        Array.Clear(_horizontal);
        Array.Clear(_vertical);
        Array.Clear(_squares ?? []);
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

        for (var i = 0; i < _squares?.Length; i++)
        {
            _squares[i] += maps.Probability[i] * maps.Probability[i];
        }

        Count++;
    }

    /// <summary>
    /// How far the answers' probabilities lie apart, for each pixel: 0 where all say the same, 255 where half say 0 and half say 1. It is twice their standard
    /// deviation; of two answers, their difference.
    /// </summary>
    public byte[] Disagreement()
    {
        var squares = _squares ?? throw new InvalidOperationException("Squares were not summed up.");
        var disagreement = new byte[squares.Length];
        for (var i = 0; i < disagreement.Length; i++)
        {
            // The spread of answers between 0 and 255 is at most half of that.
            var mean = _probability[i] / (double)Count;
            disagreement[i] = (byte)Math.Round(Math.Min(255, 2 * Math.Sqrt(Math.Max(0, (squares[i] / (double)Count) - (mean * mean)))));
        }

        return disagreement;
    }

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
