namespace HoverFast.Pipeline;

/// <summary>Counts nuclei by area, so that their median costs no memory.</summary>
internal sealed class AreaHistogram
{
    private const double BinsPerSquareMicron = 4;
    private readonly long[] _bins = new long[4096];

    /// <summary>Nuclei counted.</summary>
    public long Count { get; private set; }

    /// <summary>Counts a nucleus.</summary>
    public void Add(double squareMicrons)
    {
        _bins[(int)Math.Clamp(squareMicrons * BinsPerSquareMicron, 0, _bins.Length - 1)]++;
        Count++;
    }

    /// <summary>The median area in square microns, to a quarter; null without nuclei.</summary>
    public double? Median()
    {
        var below = 0L;
        for (var i = 0; i < _bins.Length; i++)
        {
            below += _bins[i];
            if (below > 0 && below * 2 >= Count)
            {
                return (i + 0.5) / BinsPerSquareMicron;
            }
        }

        return null;
    }
}
