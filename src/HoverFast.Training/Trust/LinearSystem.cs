namespace HoverFast.Training.Trust;

/// <summary>The small dense systems of regressions whose first input is a constant 1.</summary>
internal static class LinearSystem
{
    /// <summary>The constant and the weighted sum of a row.</summary>
    public static double Predict(double[] fitted, double[] row)
    {
        var sum = fitted[0];
        for (var i = 0; i < row.Length; i++)
        {
            sum += fitted[i + 1] * row[i];
        }

        return sum;
    }

    /// <summary>Adds a row to the normal equations.</summary>
    /// <param name="normal">Takes the row's outer product, weighted.</param>
    /// <param name="right">Takes the row, times <paramref name="value"/>.</param>
    /// <param name="row">The row, without the constant.</param>
    /// <param name="weight">Weight of the outer product.</param>
    /// <param name="value">Factor of the row in the right side.</param>
    public static void Accumulate(double[,] normal, double[] right, double[] row, double weight, double value)
    {
        for (var i = 0; i < right.Length; i++)
        {
            var a = i == 0 ? 1 : row[i - 1];
            right[i] += a * value;
            for (var j = 0; j <= i; j++)
            {
                var product = weight * a * (j == 0 ? 1 : row[j - 1]);
                normal[i, j] += product;
                normal[j, i] = normal[i, j];
            }
        }
    }

    /// <summary>The inverse of a symmetric positive definite matrix, row by row.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="scale">What each number is multiplied by.</param>
    public static double[][] Inverse(double[,] matrix, double scale = 1) =>
        [
            .. Enumerable.Range(0, matrix.GetLength(0)).Select(i =>
            {
                var unit = new double[matrix.GetLength(0)];
                unit[i] = scale;
                return Solve(matrix, unit);
            }),
        ];

    /// <summary>Solves a symmetric positive definite system (Cholesky).</summary>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        var n = right.Length;
        var l = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++)
                {
                    sum -= l[i, k] * l[j, k];
                }

                l[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / l[j, j];
            }
        }

        var x = (double[])right.Clone();
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
            {
                x[i] -= l[i, k] * x[k];
            }

            x[i] /= l[i, i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
            {
                x[i] -= l[k, i] * x[k];
            }

            x[i] /= l[i, i];
        }

        return x;
    }
}
