namespace HoverFast.Model.Quantization;

/// <summary>The distribution of one activation over the calibration tiles: first its extremes and channel means, then a histogram between them.</summary>
internal sealed class ActivationStatistics
{
    private const int Bins = 4096;
    private const int Candidates = 100;

    private readonly long[] _histogram = new long[Bins];
    private double[] _channelSums = [];
    private long _count;
    private float _low = float.PositiveInfinity;
    private float _high = float.NegativeInfinity;

    /// <summary>Mean of each channel.</summary>
    public double[] ChannelMeans => Array.ConvertAll(_channelSums, s => s * _channelSums.Length / _count);

    /// <summary>First pass: a tensor (1, channels, height, width).</summary>
    public void AddExtremes(ReadOnlySpan<float> values, int channels)
    {
        if (_channelSums.Length == 0)
        {
            _channelSums = new double[channels];
        }

        var plane = values.Length / channels;
        for (var c = 0; c < channels; c++)
        {
            var sum = 0.0;
            foreach (var v in values.Slice(c * plane, plane))
            {
                sum += v;
                _low = Math.Min(_low, v);
                _high = Math.Max(_high, v);
            }

            _channelSums[c] += sum;
        }

        _count += values.Length;
    }

    /// <summary>Second pass: the same tensors again.</summary>
    public void AddHistogram(ReadOnlySpan<float> values)
    {
        var scale = _high > _low ? (Bins - 1) / (_high - _low) : 0;
        foreach (var v in values)
        {
            _histogram[(int)((v - _low) * scale)]++;
        }
    }

    /// <summary>The range by a rule.</summary>
    public QuantizedRange Range(QuantizationOptions options) => options.Range switch
    {
        RangeRule.Largest => QuantizedRange.Covering(_low, _high),
        RangeRule.Percentile => PercentileRange(options.Percentile),
        RangeRule.LeastError => LeastErrorRange(),
        _ => throw new ArgumentOutOfRangeException(nameof(options)),
    };

    private double Centre(int bin) => _low + ((bin + 0.5) * (_high - _low) / Bins);

    private QuantizedRange PercentileRange(double share)
    {
        // What may fall out on each side where there are values of both signs, else on the one side.
        var outside = (long)(_count * (1 - share) / (_low < 0 && _high > 0 ? 2 : 1));
        int first = 0, last = Bins - 1;
        for (var left = outside - _histogram[first]; left >= 0 && first < last; left -= _histogram[first])
        {
            first++;
        }

        for (var left = outside - _histogram[last]; left >= 0 && last > first; left -= _histogram[last])
        {
            last--;
        }

        return QuantizedRange.Covering(_low < 0 ? Centre(first) : 0, _high > 0 ? Centre(last) : 0);
    }

    private QuantizedRange LeastErrorRange()
    {
        double low = Math.Min(0, _low), high = Math.Max(0, _high);
        var best = (Error: double.PositiveInfinity, Factor: 1.0);
        for (var i = Candidates; i >= Candidates / 10; i--)
        {
            var factor = i / (double)Candidates;
            double from = low * factor, to = high * factor;
            var step = (to - from) / 255;
            var error = 0.0;
            for (var bin = 0; bin < Bins; bin++)
            {
                if (_histogram[bin] > 0)
                {
                    var value = Centre(bin);
                    var beyond = Math.Max(Math.Max(value - to, from - value), 0);
                    error += _histogram[bin] * (beyond > 0 ? beyond * beyond : step * step / 12);
                }
            }

            if (error < best.Error)
            {
                best = (error, factor);
            }
        }

        return QuantizedRange.Covering(low * best.Factor, high * best.Factor);
    }
}
