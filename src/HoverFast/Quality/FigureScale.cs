namespace HoverFast.Quality;

/// <summary>Brings the figures of fields to the scales on which they are compared. Thread safe.</summary>
internal sealed class FigureScale
{
    private readonly IReadOnlyList<ScaledFigure> _inputs;

    /// <summary>Prepares it.</summary>
    /// <exception cref="InvalidDataException">There is no figure of a name.</exception>
    public FigureScale(IReadOnlyList<ScaledFigure> inputs) => (_inputs, Places) = (inputs, [.. inputs.Select(i => FieldFeatures.PlaceOf(i.Name))]);

    /// <summary>Where each figure stands in <see cref="FieldFeatures.Of"/>.</summary>
    public IReadOnlyList<int> Places { get; }

    /// <summary>The figures on their scales.</summary>
    /// <param name="figures">All figures (<see cref="FieldFeatures.Of"/>).</param>
    public double[] Of(double[] figures) => [.. Places.Select((p, i) => (figures[p] - _inputs[i].Mean) / _inputs[i].Deviation)];

    /// <summary>The squared Mahalanobis distance of scaled figures from a mean.</summary>
    /// <param name="scaled">The figures on their scales.</param>
    /// <param name="mean">The mean; null where that is 0.</param>
    /// <param name="precision">Inverse of their covariance, row by row.</param>
    public static double Distance(IReadOnlyList<double> scaled, IReadOnlyList<double>? mean, IReadOnlyList<IReadOnlyList<double>> precision)
    {
        var apart = mean is null ? scaled : [.. scaled.Zip(mean, (s, m) => s - m)];
        var sum = 0.0;
        for (var i = 0; i < apart.Count; i++)
        {
            for (var j = 0; j < apart.Count; j++)
            {
                sum += apart[i] * precision[i][j] * apart[j];
            }
        }

        return sum;
    }
}
