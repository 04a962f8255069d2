namespace HoverFast.Server.Nuclei;

/// <summary>What the nuclei of a region come to.</summary>
internal sealed class RegionCounts(IndexSummary summary)
{
    private readonly int[] _classes = new int[summary.Classes.Count];
    private readonly Sums[] _sums = [.. summary.Measurements.Select(_ => new Sums())];
    private int _count;

    /// <summary>Adds a nucleus.</summary>
    public void Add(IndexedNucleus nucleus)
    {
        _count++;
        if (nucleus.Class >= 0 && nucleus.Class < _classes.Length)
        {
            _classes[nucleus.Class]++;
        }

        for (var i = 0; i < Math.Min(_sums.Length, nucleus.Values.Count); i++)
        {
            if (!float.IsNaN(nucleus.Values[i]))
            {
                _sums[i].Add(nucleus.Values[i], RangeHistogram.BinOf(nucleus.Values[i], summary.Measurements[i].Low, summary.Measurements[i].High));
            }
        }
    }

    /// <summary>The answer for the page.</summary>
    /// <param name="squarePixels">Area of the region.</param>
    public object ToAnswer(double squarePixels)
    {
        var area = squarePixels * summary.Mpp * summary.Mpp / 1e6;
        return new
        {
            count = _count,
            area,
            density = area > 0 ? _count / area : (double?)null,
            classes = summary.Classes.Select((c, i) => new { name = c.Name, count = _classes[i] }),
            measurements = summary
                .Measurements.Select(
                    (m, i) =>
                        new
                        {
                            name = m.Name,
                            mean = _sums[i].Mean,
                            median = _sums[i].Median(m),
                            deviation = _sums[i].Deviation,
                            bins = _sums[i].Bins,
                        })
                .Where((_, i) => _sums[i].Count > 0),
        };
    }

    /// <summary>Of one measurement, in one pass (Welford's method).</summary>
    private sealed class Sums
    {
        private double _squares;

        public int Count { get; private set; }

        public double Mean { get; private set; }

        public double Deviation => Count > 1 ? Math.Sqrt(_squares / (Count - 1)) : 0;

        public int[] Bins { get; } = new int[RangeHistogram.Bins];

        public void Add(double value, int bin)
        {
            Count++;
            var difference = value - Mean;
            Mean += difference / Count;
            _squares += difference * (value - Mean);
            Bins[bin]++;
        }

        /// <summary>Right to a bin, within which values are taken as even.</summary>
        public double Median(IndexSummary.Measurement m)
        {
            var sum = 0;
            for (var i = 0; i < Bins.Length; i++)
            {
                if (Bins[i] > 0 && sum + Bins[i] >= Count / 2.0)
                {
                    return m.Low + ((i + (((Count / 2.0) - sum) / Bins[i])) * (m.High - m.Low) / Bins.Length);
                }

                sum += Bins[i];
            }

            return m.Low;
        }
    }
}
