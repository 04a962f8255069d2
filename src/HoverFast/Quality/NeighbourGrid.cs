using HoverFast.Nuclei;

namespace HoverFast.Quality;

/// <summary>Finds the nuclei within a distance of each other. Keeps its memory for the next tile; not thread safe.</summary>
internal sealed class NeighbourGrid
{
    private readonly Dictionary<(int X, int Y), List<int>> _cells = [];
    private readonly List<int> _near = [];
    private IReadOnlyList<Nucleus> _nuclei = [];
    private float _reach;

    /// <summary>Takes the nuclei of a tile.</summary>
    /// <param name="nuclei">The nuclei.</param>
    /// <param name="reach">The distance between centroids.</param>
    public void Fill(IReadOnlyList<Nucleus> nuclei, float reach)
    {
        (_nuclei, _reach) = (nuclei, reach);
        foreach (var cell in _cells.Values)
        {
            cell.Clear();
        }

        for (var i = 0; i < nuclei.Count; i++)
        {
            var at = CellOf(nuclei[i]);
            if (!_cells.TryGetValue(at, out var cell))
            {
                _cells.Add(at, cell = []);
            }

            cell.Add(i);
        }
    }

    /// <summary>The nucleus itself and all in reach of it, in their order. Valid until the next call.</summary>
    public IReadOnlyList<int> Near(int nucleus)
    {
        _near.Clear();
        var centre = _nuclei[nucleus].Centroid;
        var (x, y) = CellOf(_nuclei[nucleus]);
        for (var row = y - 1; row <= y + 1; row++)
        {
            for (var column = x - 1; column <= x + 1; column++)
            {
                if (_cells.TryGetValue((column, row), out var cell))
                {
                    foreach (var other in cell)
                    {
                        if (other == nucleus || (_nuclei[other].Centroid - centre).LengthSquared() <= _reach * _reach)
                        {
                            _near.Add(other);
                        }
                    }
                }
            }
        }

        // Sums of floating-point numbers must not depend on where the tile's corner lies.
        _near.Sort();
        return _near;
    }

    private (int X, int Y) CellOf(Nucleus nucleus) => ((int)MathF.Floor(nucleus.Centroid.X / _reach), (int)MathF.Floor(nucleus.Centroid.Y / _reach));
}
