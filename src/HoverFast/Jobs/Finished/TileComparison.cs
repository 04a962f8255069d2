using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Tiles;

namespace HoverFast.Jobs.Finished;

/// <summary>
/// Holds what a file says of a tile against what segmenting the tile again gives, nucleus by nucleus. Outlines must be the same to a hundredth of a pixel,
/// types the same, measurements to the last decimal that files have. At a seam the nucleus of an earlier tile stays (<see cref="SeamReconciler"/>): there, and
/// only there, another view of the nucleus does as well.
/// </summary>
internal sealed class TileComparison
{
    /// <summary>Working pixels by which the centroid of an outline can differ from that of its nucleus, many times over.</summary>
    private const double Slack = 2;

    private readonly IReadOnlyList<MeasurementName> _names;
    private readonly OwnedArea _offered;
    private readonly OwnedArea _own;
    private readonly OwnedArea _inner;
    private readonly List<WrittenNucleus> _written = [];

    /// <summary>Prepares for a tile.</summary>
    /// <param name="area">What the tile owns of the working grid; without limits for a whole slide.</param>
    /// <param name="scale">Full-resolution pixels in a working pixel.</param>
    /// <param name="left">The working grid's corner in the pixels of the results.</param>
    /// <param name="top">Its row.</param>
    /// <param name="names">The measurements that can be made.</param>
    public TileComparison(OwnedArea area, double scale, double left, double top, IReadOnlyList<MeasurementName> names)
    {
        _names = names;
        _offered = InResult(area.Grown(SeamReconciler.Overlap + Slack));
        _own = InResult(area.Grown(-SeamReconciler.Overlap - Slack));
        _inner = InResult(area.Grown(-SeamReconciler.Overlap));

        OwnedArea InResult(OwnedArea a) => new(left + (scale * a.Left), top + (scale * a.Top), left + (scale * a.Right), top + (scale * a.Bottom));
    }

    /// <summary>Takes a nucleus of the file, where it lies near the tile.</summary>
    public void Add(WrittenNucleus nucleus)
    {
        var (least, most) = nucleus.Box;
        if (Pixels(most.X) >= _offered.Left && Pixels(least.X) <= _offered.Right && Pixels(most.Y) >= _offered.Top && Pixels(least.Y) <= _offered.Bottom)
        {
            _written.Add(nucleus);
        }
    }

    /// <summary>What differs, in words.</summary>
    /// <param name="found">The nuclei that the tile gives now, as files have them.</param>
    /// <param name="columns">The measurements that the file has.</param>
    public IEnumerable<string> Differences(IReadOnlyList<WrittenNucleus> found, IReadOnlySet<string> columns)
    {
        var byOutline = _written.ToLookup(n => n.Outline, OutlineComparer.Instance);
        var taken = new HashSet<WrittenNucleus>(ReferenceEqualityComparer.Instance);
        var open = new List<WrittenNucleus>();
        foreach (var nucleus in found)
        {
            if (byOutline[nucleus.Outline].FirstOrDefault(w => !taken.Contains(w)) is { } same)
            {
                taken.Add(same);
                if ((IsOwn(same) || IsInner(same)) && ValuesThatDiffer(same, nucleus, columns) is { } difference)
                {
                    yield return $"{Name(same)} {difference}";
                }
            }
            else
            {
                open.Add(nucleus);
            }
        }

        foreach (var nucleus in open)
        {
            var other = _written.Find(w => !taken.Contains(w) && AreOne(w, nucleus));
            if (other is not null && (IsOwn(other) || IsInner(nucleus)))
            {
                taken.Add(other);
                yield return $"{Name(other)} has another outline than segmenting gives";
            }
            else if (other is null && (IsInner(nucleus) || !_written.Exists(w => AreOne(w, nucleus))))
            {
                yield return $"a nucleus at {Place(nucleus)} is missing";
            }
        }

        foreach (var nucleus in _written.Where(w => !taken.Contains(w) && (IsInner(w) || IsOwn(w))))
        {
            yield return $"{Name(nucleus)} is none that segmenting gives";
        }
    }

    private string? ValuesThatDiffer(WrittenNucleus written, WrittenNucleus found, IReadOnlySet<string> columns)
    {
        if (written.Type != found.Type)
        {
            return $"has the type {written.Type ?? "none"}, and segmenting gives {found.Type ?? "none"}";
        }

        foreach (var name in _names.Where(n => columns.Contains(n.Name)))
        {
            // Files round to decimals, or keep all.
            var least = 0.5001 * Math.Pow(10, -name.Decimals);
            var (has, should) = (written.Values.TryGetValue(name.Name, out var value), found.Values.TryGetValue(name.Name, out var right));
            if (has != should || Math.Abs(value - right) > least)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"has {name.Name} {(has ? value : "none")}, and segmenting gives {(should ? Math.Round(right, name.Decimals) : "none")}");
            }
        }

        return null;
    }

    private static double Pixels(int hundredths) => (double)hundredths / OutlinePoint.PerPixel;

    private static Vector2[] InPixels(WrittenNucleus nucleus) => Array.ConvertAll(nucleus.Outline, p => new Vector2((float)Pixels(p.X), (float)Pixels(p.Y)));

    private static Vector2 Centroid(WrittenNucleus nucleus) => OutlineClip.AreaOf(InPixels(nucleus)).Centroid;

    private static string Place(WrittenNucleus nucleus) =>
        Centroid(nucleus) is var at ? string.Create(CultureInfo.InvariantCulture, $"({at.X:0}, {at.Y:0})") : "";

    private static string Name(WrittenNucleus nucleus) => $"nucleus {nucleus.Id} at {Place(nucleus)}";

    // No neighbour can have brought a nucleus that lies so far inside.
    private bool IsInner(WrittenNucleus nucleus)
    {
        var (least, most) = nucleus.Box;
        return Pixels(least.X) > _inner.Left && Pixels(least.Y) > _inner.Top && Pixels(most.X) < _inner.Right && Pixels(most.Y) < _inner.Bottom;
    }

    private bool IsOwn(WrittenNucleus nucleus) => Centroid(nucleus) is var at && _own.Contains(at.X, at.Y);

    private static bool AreOne(WrittenNucleus a, WrittenNucleus b) => Holds(a, Centroid(b)) || Holds(b, Centroid(a));

    private static bool Holds(WrittenNucleus nucleus, Vector2 point)
    {
        var (least, most) = nucleus.Box;
        if (point.X < Pixels(least.X) || point.Y < Pixels(least.Y) || point.X > Pixels(most.X) || point.Y > Pixels(most.Y))
        {
            return false;
        }

        return OutlineClip.Holds(InPixels(nucleus), point);
    }

    /// <summary>Tells outlines apart by their points.</summary>
    private sealed class OutlineComparer : IEqualityComparer<OutlinePoint[]>
    {
        public static OutlineComparer Instance { get; } = new();

        public bool Equals(OutlinePoint[]? x, OutlinePoint[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(OutlinePoint[] obj)
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(obj.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
