using HoverFast.Model;
using HoverFast.Training.Data;

namespace HoverFast.Training.Distillation;

/// <summary>Many answers to one picture: their mean, and how far they agree.</summary>
internal sealed class AnswerMean(int width, int height)
{
    private readonly MapSums _sums = new(width, height);
    private readonly int[] _squares = new int[width * height];

    /// <summary>Adds one, which lies as the picture does.</summary>
    public void Add(NucleusMaps maps)
    {
        _sums.Add(maps);
        for (var i = 0; i < _squares.Length; i++)
        {
            _squares[i] += maps.Probability[i] * maps.Probability[i];
        }
    }

    /// <summary>The means, and how far the answers agree.</summary>
    public SoftMaps Mean()
    {
        var agreement = new byte[width * height];
        for (var i = 0; i < agreement.Length; i++)
        {
            var mean = _sums.Probability(i);
            var spread = Math.Sqrt(Math.Max(0, (_squares[i] / (double)_sums.Count) - (mean * mean)));

            // The spread of answers between 0 and 255 is at most half of that.
            agreement[i] = (byte)Math.Round(255 - Math.Min(255, 2 * spread));
        }

        var means = new NucleusMaps(width, height);
        _sums.Mean(means);
        return new SoftMaps(means, agreement);
    }
}
