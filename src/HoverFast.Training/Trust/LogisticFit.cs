namespace HoverFast.Training.Trust;

/// <summary>Weighted logistic regression with a ridge on all weights but the constant, by Newton's method.</summary>
internal static class LogisticFit
{
    private const int Steps = 15;

    /// <summary>Fits.</summary>
    /// <param name="rows">The inputs, without the constant.</param>
    /// <param name="truth">Whether each row is a match.</param>
    /// <param name="weights">What each row counts for.</param>
    /// <param name="ridge">Strength of the ridge.</param>
    /// <returns>The constant, then a weight for each input.</returns>
    public static double[] Fit(IReadOnlyList<double[]> rows, IReadOnlyList<bool> truth, IReadOnlyList<double> weights, double ridge)
    {
        var n = rows[0].Length + 1;
        var fitted = new double[n];
        for (var step = 0; step < Steps; step++)
        {
            var normal = new double[n, n];
            var gradient = new double[n];
            for (var i = 0; i < rows.Count; i++)
            {
                var p = 1 / (1 + Math.Exp(-LinearSystem.Predict(fitted, rows[i])));
                var error = weights[i] * ((truth[i] ? 1 : 0) - p);
                LinearSystem.Accumulate(normal, gradient, rows[i], weights[i] * p * (1 - p), error);
            }

            for (var k = 1; k < n; k++)
            {
                normal[k, k] += ridge;
                gradient[k] -= ridge * fitted[k];
            }

            var change = LinearSystem.Solve(normal, gradient);
            for (var k = 0; k < n; k++)
            {
                fitted[k] += change[k];
            }
        }

        return fitted;
    }
}
