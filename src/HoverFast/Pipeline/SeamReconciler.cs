using System.Numerics;
using HoverFast.Nuclei;
using HoverFast.Tiles;

namespace HoverFast.Pipeline;

/// <summary>
/// Sees to it that no nucleus at a seam is written twice and none is left out. Two tiles see a nucleus between them almost alike, but not to the
/// last bit, so a centroid on the very seam may fall on either side: each tile therefore offers nuclei a little beyond its own area, and of two that lie on
/// each other the one of the earlier tile stays. Tiles come in their order, so the result depends on nothing else; memory holds the nuclei at the
/// seams of the current row of tiles.
/// </summary>
internal sealed class SeamReconciler
{
    /// <summary>Working pixels beyond its own area that a tile offers nuclei of: many times what views of a nucleus differ by.</summary>
    public const double Overlap = 2;

    // Slide pixels on a side of the cells that nuclei are looked up by.
    private const float CellSide = 64;

    private readonly IReadOnlyList<Tile> _tiles;
    private readonly double _scale;
    private readonly double _left;
    private readonly double _top;
    private readonly double[] _stillToCome;
    private readonly Dictionary<(int X, int Y), List<Outline>> _atSeams = [];
    private double _forgottenTo = double.NegativeInfinity;

    /// <summary>Prepares for a slide.</summary>
    /// <param name="tiles">All its tiles, in their order.</param>
    /// <param name="scale">Slide pixels in a working pixel.</param>
    /// <param name="left">The working grid's corner in the pixels of the results.</param>
    /// <param name="top">Its row.</param>
    public SeamReconciler(IReadOnlyList<Tile> tiles, double scale, double left, double top)
    {
        _tiles = tiles;
        _scale = scale;
        _left = left;
        _top = top;
        _stillToCome = new double[tiles.Count];
        var least = double.PositiveInfinity;
        for (var i = tiles.Count - 1; i >= 0; i--)
        {
            least = Math.Min(least, tiles[i].Ownership.Top);
            _stillToCome[i] = least;
        }
    }

    /// <summary>Takes the next tile's nuclei and drops those that an earlier tile has brought. What was reconciled once stays as it is.</summary>
    public TileResult Reconcile(TileResult result)
    {
        Forget(_stillToCome[result.TileIndex]);
        var inner = Inner(_tiles[result.TileIndex].Ownership);
        List<int>? dropped = null;
        for (var i = 0; i < result.Nuclei.Count; i++)
        {
            var outline = new Outline(result.TileIndex, result.Nuclei[i]);
            if (outline.LiesIn(inner))
            {
                continue;
            }

            if (Cells(outline)
                    .Any(cell => _atSeams.TryGetValue(cell, out var others) && others.Exists(other => outline.IsAnotherViewOf(other, _scale * Overlap))))
            {
                (dropped ??= []).Add(i);
                continue;
            }

            foreach (var cell in Cells(outline))
            {
                if (!_atSeams.TryGetValue(cell, out var list))
                {
                    _atSeams[cell] = list = [];
                }

                list.Add(outline);
            }
        }

        return dropped is null ? result : result with { Nuclei = Without(result.Nuclei, dropped), Measurements = Without(result.Measurements, dropped) };
    }

    private static List<T> Without<T>(IReadOnlyList<T> all, List<int> dropped) => [.. all.Where((_, i) => dropped.BinarySearch(i) < 0)];

    private static IEnumerable<(int X, int Y)> Cells(Outline outline)
    {
        for (var y = Cell(outline.Least.Y); y <= Cell(outline.Most.Y); y++)
        {
            for (var x = Cell(outline.Least.X); x <= Cell(outline.Most.X); x++)
            {
                yield return (x, y);
            }
        }

        static int Cell(float place) => (int)MathF.Floor(place / CellSide);
    }

    /// <summary>The part of a tile's own area, in the results' pixels, where no other tile can see a nucleus that it would offer.</summary>
    private OwnedArea Inner(OwnedArea owned) => new(
        _left + (_scale * (owned.Left + Overlap)),
        _top + (_scale * (owned.Top + Overlap)),
        _left + (_scale * (owned.Right - Overlap)),
        _top + (_scale * (owned.Bottom - Overlap)));

    // No later tile reaches above the highest of those to come.
    private void Forget(double workingRow)
    {
        if (workingRow <= _forgottenTo)
        {
            return;
        }

        _forgottenTo = workingRow;
        var row = _top + (_scale * (workingRow - Overlap));
        foreach (var (cell, outlines) in _atSeams)
        {
            outlines.RemoveAll(o => o.Most.Y < row);
            if (outlines.Count == 0)
            {
                _atSeams.Remove(cell);
            }
        }
    }

    /// <summary>A nucleus near a seam, in the results' pixels.</summary>
    private sealed class Outline
    {
        private readonly int _tile;
        private readonly Vector2[] _contour;
        private readonly Vector2 _centroid;

        public Outline(int tile, Nucleus nucleus)
        {
            _tile = tile;
            _contour = nucleus.Contour;
            _centroid = nucleus.Centroid;
            (Least, Most) = (_contour[0], _contour[0]);
            foreach (var point in _contour)
            {
                (Least, Most) = (Vector2.Min(Least, point), Vector2.Max(Most, point));
            }
        }

        /// <summary>Upper left corner of its box.</summary>
        public Vector2 Least { get; }

        /// <summary>Lower right corner of its box.</summary>
        public Vector2 Most { get; }

        public bool LiesIn(OwnedArea area) => Least.X > area.Left && Least.Y > area.Top && Most.X < area.Right && Most.Y < area.Bottom;

        /// <summary>
        /// Whether another tile's nucleus is this one: the centroid of one lies in the other, or (a crescent's lies outside) both are near. Neighbours only
        /// touch.
        /// </summary>
        public bool IsAnotherViewOf(Outline other, double near) =>
            other._tile != _tile && (Holds(other._centroid) || other.Holds(_centroid) || Vector2.DistanceSquared(_centroid, other._centroid) < near * near);

        private bool Holds(Vector2 point)
        {
            if (point.X < Least.X || point.Y < Least.Y || point.X > Most.X || point.Y > Most.Y)
            {
                return false;
            }

            return OutlineClip.Holds(_contour, point);
        }
    }
}
