using System.Buffers.Binary;
using HoverFast.Nuclei;

namespace HoverFast.Labels;

/// <summary>Outlines as well-known binary (OGC 06-103r4, ISO 13249-3), the form that GeoParquet, databases and GEOS share.</summary>
internal static class OutlineWkb
{
    private const int Polygon = 3;
    private const int MultiPolygon = 6;
    private const int PointBytes = 2 * sizeof(double);

    /// <summary>Writes one polygon without holes, little-endian, closed, in pixels.</summary>
    /// <param name="ring">Open ring.</param>
    public static byte[] Write(ReadOnlySpan<OutlinePoint> ring)
    {
        const int Header = 1 + (3 * sizeof(int));
        var bytes = new byte[Header + ((ring.Length + 1) * PointBytes)];
        bytes[0] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), Polygon);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(9), ring.Length + 1);
        var at = bytes.AsSpan(Header);
        for (var i = 0; i <= ring.Length; i++)
        {
            var point = ring[i == ring.Length ? 0 : i];
            BinaryPrimitives.WriteDoubleLittleEndian(at, (double)point.X / OutlinePoint.PerPixel);
            BinaryPrimitives.WriteDoubleLittleEndian(at[sizeof(double)..], (double)point.Y / OutlinePoint.PerPixel);
            at = at[PointBytes..];
        }

        return bytes;
    }

    /// <summary>Reads the outer rings of a polygon or multipolygon as closed rings; other geometries have none. Z, M and SRID are passed over.</summary>
    /// <exception cref="FormatException">The bytes end early or are no geometry.</exception>
    public static List<(double X, double Y)[]> ReadOuterRings(ReadOnlySpan<byte> wkb)
    {
        var rings = new List<(double X, double Y)[]>();
        var reader = new Reader(wkb);
        Read(ref reader, rings, Polygon, MultiPolygon);
        return rings;
    }

    private static void Read(ref Reader reader, List<(double X, double Y)[]> rings, params ReadOnlySpan<int> known)
    {
        var (kind, dimensions) = reader.Kind();
        if (!known.Contains(kind))
        {
            return;
        }

        var parts = reader.Count(kind == Polygon ? sizeof(int) : 1 + (2 * sizeof(int)));
        for (var i = 0; i < parts; i++)
        {
            if (kind == MultiPolygon)
            {
                Read(ref reader, rings, Polygon);
                continue;
            }

            var ring = new (double X, double Y)[reader.Count(dimensions * sizeof(double))];
            for (var p = 0; p < ring.Length; p++)
            {
                ring[p] = reader.Point(dimensions);
            }

            if (i == 0)
            {
                rings.Add(ring);
            }
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> wkb)
    {
        private ReadOnlySpan<byte> _rest = wkb;
        private bool _little;

        /// <summary>Byte order, kind and numbers in a point, in ISO's and PostGIS's spelling.</summary>
        public (int Kind, int Dimensions) Kind()
        {
            const uint Z = 0x80000000;
            const uint M = 0x40000000;
            const uint Srid = 0x20000000;
            _little = Take(1)[0] switch
            {
                0 => false,
                1 => true,
                var order => throw new FormatException($"an outline's byte order is {order}"),
            };
            var code = (uint)Number();
            if ((code & Srid) != 0)
            {
                Number();
            }

            var plain = code & ~(Z | M | Srid);
            var more = (plain / 1000) switch { 0 => 0, 1 or 2 => 1, 3 => 2, _ => throw new FormatException($"an outline has the kind {code}") };
            more += ((code & Z) != 0 ? 1 : 0) + ((code & M) != 0 ? 1 : 0);
            return ((int)(plain % 1000), 2 + more);
        }

        /// <summary>How many parts follow; no more than there are bytes for.</summary>
        public int Count(int least)
        {
            var count = Number();
            return count >= 0 && count <= _rest.Length / least ? count : throw new FormatException("an outline ends early");
        }

        public (double X, double Y) Point(int dimensions)
        {
            var x = Double(Take(sizeof(double)));
            var y = Double(Take(sizeof(double)));
            Take((dimensions - 2) * sizeof(double));
            return (x, y);
        }

        private readonly double Double(ReadOnlySpan<byte> bytes) =>
            _little ? BinaryPrimitives.ReadDoubleLittleEndian(bytes) : BinaryPrimitives.ReadDoubleBigEndian(bytes);

        private int Number()
        {
            var bytes = Take(sizeof(int));
            return _little ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadInt32BigEndian(bytes);
        }

        private ReadOnlySpan<byte> Take(int length)
        {
            if (length > _rest.Length)
            {
                throw new FormatException("an outline ends early");
            }

            var taken = _rest[..length];
            _rest = _rest[length..];
            return taken;
        }
    }
}
