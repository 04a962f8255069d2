namespace HoverFast.Server.Nuclei;

/// <summary>
/// A Mapbox vector tile (specification 2.1) of nuclei. A feature's id is the nucleus' number; its one property "b" tells its class and the bins of its
/// measurements, a letter each: so the page filters and colours without asking again. A letter is one more than what it tells, or 0 where there is none. (A
/// property a measurement, as is usual, takes the browser three times as long to read.)
/// </summary>
internal sealed class VectorTile
{
    /// <summary>Units on a side of a tile.</summary>
    public const int Extent = 4096;

    /// <summary>Screen pixels of a tile at its own resolution.</summary>
    public const int TilePixels = 256;

    private readonly IndexSummary _summary;
    private readonly double _scale;
    private readonly double _left;
    private readonly double _top;
    private readonly ByteBuffer _features = new();
    private readonly ByteBuffer _feature = new();
    private readonly ByteBuffer _part = new();
    private readonly ByteBuffer _values = new();
    private readonly HashSet<int> _seen = [];
    private readonly List<(int X, int Y)> _ring = [];

    /// <summary>Begins a tile.</summary>
    /// <param name="summary">Of the index.</param>
    /// <param name="left">Its left edge in full-resolution pixels.</param>
    /// <param name="top">Its upper edge.</param>
    /// <param name="side">Full-resolution pixels on its side.</param>
    public VectorTile(IndexSummary summary, double left, double top, double side)
    {
        _summary = summary;
        (_left, _top) = (left * IndexedNucleus.Units, top * IndexedNucleus.Units);
        _scale = Extent / (side * IndexedNucleus.Units);
    }

    /// <summary>Resolutions of the zooms, the coarsest first: full-resolution pixels in a screen pixel.</summary>
    public static IReadOnlyList<double> Resolutions { get; } = [8, 4, 2];

    /// <summary>Full-resolution pixels on a side of a tile.</summary>
    public static int SideAt(int zoom) => (int)(Resolutions[zoom] * TilePixels);

    /// <summary>Makes a tile of an index.</summary>
    public static byte[] Make(NucleusIndex index, int zoom, int column, int row, CancellationToken cancellation)
    {
        var side = SideAt(zoom);
        var (left, top) = ((double)column * side, (double)row * side);
        var tile = new VectorTile(index.Summary, left, top, side);
        index.Read(left, top, left + side - 1, top + side - 1, (nucleus, _) => tile.Add(nucleus), cancellation);
        return tile.ToArray();
    }

    /// <summary>Adds a nucleus; one that is there already is passed over.</summary>
    public void Add(IndexedNucleus nucleus)
    {
        _part.Clear();
        var (x, y) = (0, 0);
        for (var ring = 0; ring < nucleus.RingEnds.Count; ring++)
        {
            AddRing(nucleus, ring, ref x, ref y);
        }

        if (_part.Length == 0 || !_seen.Add(nucleus.Ordinal))
        {
            return;
        }

        _feature.Clear();
        Key(_feature, 1, 0);
        _feature.AddVarint((uint)nucleus.Ordinal);
        Key(_feature, 3, 0);
        _feature.AddVarint(3); // POLYGON
        Bytes(_feature, 4, _part.Span);
        _part.Clear();
        _part.AddVarint(0);
        _part.AddVarint((uint)_seen.Count - 1);
        Bytes(_feature, 2, _part.Span);
        Bytes(_features, 2, _feature.Span);
        AddLetters(nucleus);
    }

    /// <summary>The tile.</summary>
    public byte[] ToArray()
    {
        if (_features.Length == 0)
        {
            return [];
        }

        var layer = new ByteBuffer();
        Key(layer, 15, 0);
        layer.AddVarint(2);
        Bytes(layer, 1, "nuclei"u8);
        layer.Add(_features.Span);
        Bytes(layer, 3, "b"u8);
        layer.Add(_values.Span);
        Key(layer, 5, 0);
        layer.AddVarint(Extent);
        var tile = new ByteBuffer();
        Bytes(tile, 3, layer.Span);
        return tile.ToArray();
    }

    private void AddLetters(IndexedNucleus nucleus)
    {
        _part.Clear();
        AddLetter(nucleus.Class + 1);
        for (var i = 0; i < _summary.Measurements.Count; i++)
        {
            var value = i < nucleus.Values.Count ? nucleus.Values[i] : float.NaN;
            AddLetter(float.IsNaN(value) ? 0 : RangeHistogram.BinOf(value, _summary.Measurements[i].Low, _summary.Measurements[i].High) + 1);
        }

        Key(_values, 4, 2);
        _values.AddVarint((uint)(1 + ByteBuffer.VarintBytes((uint)_part.Length) + _part.Length));
        Bytes(_values, 1, _part.Span);
    }

    // In UTF-8; classes are too few for a third byte.
    private void AddLetter(int value)
    {
        if (value < 0x80)
        {
            _part.Add((byte)value);
        }
        else
        {
            _part.Add((byte)(0xC0 | (value >> 6)));
            _part.Add((byte)(0x80 | (value & 0x3F)));
        }
    }

    private void AddRing(IndexedNucleus nucleus, int index, ref int x, ref int y)
    {
        var (start, end) = nucleus.Ring(index);
        _ring.Clear();
        for (var i = start; i < end; i += 2)
        {
            var point = ((int)Math.Round((nucleus.Points[i] - _left) * _scale), (int)Math.Round((nucleus.Points[i + 1] - _top) * _scale));
            if (_ring.Count == 0 || _ring[^1] != point)
            {
                _ring.Add(point);
            }
        }

        if (_ring.Count > 1 && _ring[^1] == _ring[0])
        {
            _ring.RemoveAt(_ring.Count - 1);
        }

        var area = 0L;
        for (var i = 0; i < _ring.Count; i++)
        {
            var (a, b) = (_ring[i], _ring[(i + 1) % _ring.Count]);
            area += ((long)a.X * b.Y) - ((long)b.X * a.Y);
        }

        if (_ring.Count < 3 || area == 0)
        {
            return;
        }

        if (area < 0)
        {
            // Outer rings run clockwise on the screen.
            _ring.Reverse();
        }

        const uint MoveTo = 1;
        const uint LineTo = 2;
        const uint ClosePath = 7;
        _part.AddVarint(MoveTo | (1 << 3));
        Step(_ring[0], ref x, ref y);
        _part.AddVarint(LineTo | ((uint)(_ring.Count - 1) << 3));
        for (var i = 1; i < _ring.Count; i++)
        {
            Step(_ring[i], ref x, ref y);
        }

        _part.AddVarint(ClosePath | (1 << 3));
    }

    private void Step((int X, int Y) point, ref int x, ref int y)
    {
        _part.AddZigzag(point.X - x);
        _part.AddZigzag(point.Y - y);
        (x, y) = point;
    }

    private static void Key(ByteBuffer into, uint field, uint type) => into.AddVarint((field << 3) | type);

    private static void Bytes(ByteBuffer into, uint field, ReadOnlySpan<byte> bytes)
    {
        Key(into, field, 2);
        into.AddVarint((uint)bytes.Length);
        into.Add(bytes);
    }
}
