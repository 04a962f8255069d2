using HoverFast.Server.Hosting;

namespace HoverFast.Server.Nuclei;

/// <summary>Which nuclei are meant: those whose centroid lies in a polygon and that pass the page's filters.</summary>
/// <param name="Polygon">Corners in full-resolution pixels.</param>
/// <param name="Filters">Ranges of bins; all must hold.</param>
/// <param name="HiddenClasses">Indices of classes that don't count.</param>
internal sealed record RegionQuery(double[][]? Polygon, RegionQuery.BinFilter[]? Filters, int[]? HiddenClasses)
{
    private const int MostCorners = 20_000;
    private const int MostFilters = 50;

    /// <summary>A range of bins, both ends included.</summary>
    internal sealed record BinFilter(int Measurement, int From, int To);

    /// <summary>Hands out the nuclei that are meant.</summary>
    /// <exception cref="RequestException">The query makes no sense.</exception>
    public void Run(NucleusIndex index, Action<IndexedNucleus> take, CancellationToken cancellation)
    {
        if (
            Polygon is not { Length: >= 3 and <= MostCorners }
            || Polygon.Any(p => p is not { Length: 2 } || !p.All(v => double.IsFinite(v) && Math.Abs(v) < 1e7)))
        {
            throw RequestException.Invalid($"A region has 3 to {MostCorners} corners of two numbers.");
        }

        var measurements = index.Summary.Measurements;
        var filters = Filters ?? [];
        if (filters.Length > MostFilters || filters.Any(f => f is null || f.Measurement < 0 || f.Measurement >= measurements.Count))
        {
            throw RequestException.Invalid("A filter names a measurement that isn't there.");
        }

        var hidden = (HiddenClasses ?? []).ToHashSet();
        index.Read(
            Polygon.Min(p => p[0]),
            Polygon.Min(p => p[1]),
            Polygon.Max(p => p[0]),
            Polygon.Max(p => p[1]),
            (nucleus, isVisitor) =>
            {
                if (
                    !isVisitor
                    && nucleus.Centroid() is var (x, y)
                    && Contains(x, y)
                    && !hidden.Contains(nucleus.Class)
                    && Array.TrueForAll(filters, f => Passes(nucleus, f)))
                {
                    take(nucleus);
                }
            },
            cancellation);

        bool Passes(IndexedNucleus nucleus, BinFilter filter) =>
            filter.Measurement < nucleus.Values.Count
            && !float.IsNaN(nucleus.Values[filter.Measurement])
            && RangeHistogram.BinOf(nucleus.Values[filter.Measurement], measurements[filter.Measurement].Low, measurements[filter.Measurement].High)
                is var bin
            && bin >= filter.From
            && bin <= filter.To;
    }

    /// <summary>The area of the polygon in square pixels: of what is inside where nuclei are counted, however it crosses itself.</summary>
    public double Area(CancellationToken cancellation) => RegionArea.Of(Polygon!, cancellation);

    private bool Contains(double x, double y)
    {
        var inside = false;
        for (int i = 0, j = Polygon!.Length - 1; i < Polygon.Length; j = i++)
        {
            var (a, b) = (Polygon[i], Polygon[j]);
            if (a[1] > y != b[1] > y && x < ((b[0] - a[0]) * (y - a[1]) / (b[1] - a[1])) + a[0])
            {
                inside = !inside;
            }
        }

        return inside;
    }
}
