namespace HoverFast.Synthetic;

/// <summary>Smooth random values over a picture (value noise on a lattice); opposite edges fit together.</summary>
internal sealed class NoiseField
{
    private readonly float[] _lattice;
    private readonly int _columns;
    private readonly int _rows;
    private readonly float _perX;
    private readonly float _perY;

    /// <summary>Makes a field.</summary>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Rows.</param>
    /// <param name="cellX">About the width of a bump, in pixels.</param>
    /// <param name="cellY">About its height.</param>
    /// <param name="seed">Chooses the values.</param>
    public NoiseField(int width, int height, float cellX, float cellY, ulong seed)
    {
        _columns = Math.Max(1, (int)MathF.Round(width / cellX));
        _rows = Math.Max(1, (int)MathF.Round(height / cellY));
        _perX = (float)_columns / width;
        _perY = (float)_rows / height;
        _lattice = new float[_columns * _rows];
        var random = new SeededRandom(seed);
        for (var i = 0; i < _lattice.Length; i++)
        {
            _lattice[i] = random.NextUnit();
        }
    }

    /// <summary>Adds amplitude x value to every pixel of a row.</summary>
    public void AddRow(int y, float amplitude, Span<float> row)
    {
        var v = y * _perY;
        var y0 = (int)v;
        var fy = Smooth(v - y0);
        var upper = _lattice.AsSpan(y0 % _rows * _columns, _columns);
        var lower = _lattice.AsSpan((y0 + 1) % _rows * _columns, _columns);
        var last = -1;
        float left = 0;
        float right = 0;
        for (var x = 0; x < row.Length; x++)
        {
            var u = x * _perX;
            var x0 = (int)u;
            if (x0 != last)
            {
                last = x0;
                var (a, b) = (x0 % _columns, (x0 + 1) % _columns);
                left = upper[a] + ((lower[a] - upper[a]) * fy);
                right = upper[b] + ((lower[b] - upper[b]) * fy);
            }

            row[x] += amplitude * (left + ((right - left) * Smooth(u - x0)));
        }
    }

    /// <summary>The value at one pixel, 0 to 1.</summary>
    public float At(int x, int y)
    {
        var (u, v) = (x * _perX, y * _perY);
        var (x0, y0) = ((int)u, (int)v);
        var (a, b) = (x0 % _columns, (x0 + 1) % _columns);
        var (c, d) = (y0 % _rows * _columns, (y0 + 1) % _rows * _columns);
        var fy = Smooth(v - y0);
        var left = _lattice[c + a] + ((_lattice[d + a] - _lattice[c + a]) * fy);
        var right = _lattice[c + b] + ((_lattice[d + b] - _lattice[c + b]) * fy);
        return left + ((right - left) * Smooth(u - x0));
    }

    private static float Smooth(float t) => t * t * (3 - (2 * t));
}
