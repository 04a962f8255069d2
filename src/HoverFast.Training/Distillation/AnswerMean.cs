using HoverFast.Model;
using HoverFast.Training.Data;

namespace HoverFast.Training.Distillation;

/// <summary>Many answers to one picture: their mean, and how far they agree.</summary>
internal sealed class AnswerMean(int width, int height)
{
    private readonly MapSums _sums = new(width, height, tellsDisagreement: true);

    /// <summary>Adds one, which lies as the picture does.</summary>
    public void Add(NucleusMaps maps) => _sums.Add(maps);

    /// <summary>The means, and how far the answers agree.</summary>
    public SoftMaps Mean()
    {
        var means = new NucleusMaps(width, height);
        _sums.Mean(means);
        return new SoftMaps(means, Array.ConvertAll(_sums.Disagreement(), d => (byte)(255 - d)));
    }
}
