namespace HoverFast.Server.Nuclei;

/// <summary>A histogram of values whose range isn't known before: where a value lies beyond it, the range doubles and bins are merged by twos.</summary>
internal sealed class RangeHistogram
{
    /// <summary>Bins that are shown, coloured and filtered by.</summary>
    public const int Bins = 256;

    private const int FineBins = 4096;
    private const int FirstValues = 2048;

    /// <summary>The share of values on either side that may lie beyond the range that is shown: single outliers must not squeeze it.</summary>
    private const double Beyond = 0.0005;

    private readonly long[] _counts = new long[FineBins];
    private readonly List<double> _first = [];
    private double _low;
    private double _width;
    private long _total;

    /// <summary>Adds a value; what is no number is passed over.</summary>
    public void Add(double value)
    {
        if (!double.IsFinite(value) || Math.Abs(value) > 1e30)
        {
            return;
        }

        _total++;
        if (_width > 0)
        {
            Count(value);
            return;
        }

        _first.Add(value);
        if (_first.Count == FirstValues)
        {
            Begin();
        }
    }

    /// <summary>The bins as they are shown: the range and the count of each; values beyond are in the first and last.</summary>
    public (double Low, double High, long[] Bins) Shown()
    {
        if (_width == 0)
        {
            Begin();
        }

        var first = Find(_total * Beyond);
        var last = Find(_total * (1 - Beyond));
        var merged = Math.Max(1, (last - first + Bins) / Bins);
        var shown = new long[Bins];
        for (var i = 0; i < FineBins; i++)
        {
            shown[Math.Clamp((int)Math.Floor((double)(i - first) / merged), 0, Bins - 1)] += _counts[i];
        }

        return (_low + (first * _width), _low + ((first + (Bins * merged)) * _width), shown);
    }

    /// <summary>The bin of a value in a range.</summary>
    public static int BinOf(double value, double low, double high) => Math.Clamp((int)Math.Floor((value - low) / (high - low) * Bins), 0, Bins - 1);

    private void Begin()
    {
        var (low, high) = _first.Count > 0 ? (_first.Min(), _first.Max()) : (0, 1);
        var span = high > low ? high - low : Math.Max(Math.Abs(low) * 1e-3, 1e-6);
        _low = low;
        _width = span * (1 + 1e-9) / FineBins;
        _first.ForEach(Count);
        _first.Clear();
    }

    private void Count(double value)
    {
        while (value < _low || value >= _low + (_width * FineBins))
        {
            Widen(upwards: value >= _low);
        }

        _counts[Math.Min((int)((value - _low) / _width), FineBins - 1)]++;
    }

    private void Widen(bool upwards)
    {
        var half = FineBins / 2;
        if (upwards)
        {
            for (var i = 0; i < half; i++)
            {
                _counts[i] = _counts[2 * i] + _counts[(2 * i) + 1];
            }

            _counts.AsSpan(half).Clear();
        }
        else
        {
            for (var i = half - 1; i >= 0; i--)
            {
                _counts[half + i] = _counts[2 * i] + _counts[(2 * i) + 1];
            }

            _counts.AsSpan(0, half).Clear();
            _low -= _width * FineBins;
        }

        _width *= 2;
    }

    private int Find(double rank)
    {
        var sum = 0L;
        for (var i = 0; i < FineBins; i++)
        {
            sum += _counts[i];
            if (sum > rank)
            {
                return i;
            }
        }

        return FineBins - 1;
    }
}
