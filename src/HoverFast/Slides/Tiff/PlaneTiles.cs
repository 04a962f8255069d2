namespace HoverFast.Slides.Tiff;

/// <summary>
/// Tiles of a plane that is written bit by bit, in memory that does not grow with the plane: tiles not touched for a while go to the file and come back when
/// they are asked for again.
/// </summary>
/// <typeparam name="T">The plane's numbers.</typeparam>
/// <param name="plane">The plane.</param>
internal sealed class PlaneTiles<T>(PlanePyramid<T> plane)
    where T : unmanaged
{
    /// <summary>Tiles in memory: 128 MB of labels, 32 MB of bytes.</summary>
    private const int MostTiles = 512;

    private const int Side = PlaneLevel.TileSide;

    private readonly Dictionary<int, LinkedListNode<Tile>> _tiles = [];

    /// <summary>The tile touched last comes first.</summary>
    private readonly LinkedList<Tile> _order = new();

    /// <summary>A tile's pixels, to be changed; good until the next is asked for.</summary>
    /// <param name="index">Row of tiles x <see cref="PlaneLevel.Columns"/> + column.</param>
    public T[] At(int index)
    {
        if (_tiles.TryGetValue(index, out var node))
        {
            if (node != _order.First)
            {
                _order.Remove(node);
                _order.AddFirst(node);
            }

            return node.Value.Pixels;
        }

        T[] pixels;
        if (_tiles.Count < MostTiles)
        {
            pixels = new T[Side * Side];
        }
        else
        {
            var oldest = _order.Last!.Value;
            _order.RemoveLast();
            _tiles.Remove(oldest.Index);
            plane.Write(oldest.Index, oldest.Pixels);
            pixels = oldest.Pixels;
            Array.Clear(pixels);
        }

        plane.TryRead(index, pixels);
        _tiles.Add(index, _order.AddFirst(new Tile(index, pixels)));
        return pixels;
    }

    /// <summary>Writes all tiles that are in memory.</summary>
    public void Flush()
    {
        foreach (var tile in _tiles.Values.Select(n => n.Value).OrderBy(t => t.Index))
        {
            plane.Write(tile.Index, tile.Pixels);
        }

        _tiles.Clear();
        _order.Clear();
    }

    private sealed record Tile(int Index, T[] Pixels);
}
