using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace HoverFast.Server.Nuclei;

/// <summary>
/// Nuclei of one cell of the index as bytes: each has a byte that tells whether it only reaches in from a neighbour, its class, number and id, its rings
/// as differences of points, and its values as 32-bit numbers. Counts and differences are LEB128, signed ones in zigzag.
/// </summary>
internal static class NucleusCells
{
    /// <summary>Full-resolution pixels on a side of a cell.</summary>
    public const int Side = 1024;

    private const int Visitor = 1;

    /// <summary>Writes a nucleus.</summary>
    /// <param name="into">Takes the bytes.</param>
    /// <param name="nucleus">The nucleus.</param>
    /// <param name="isVisitor">Whether its centroid lies in another cell.</param>
    /// <param name="cell">Column and row of the cell.</param>
    public static void Write(ByteBuffer into, IndexedNucleus nucleus, bool isVisitor, (int Column, int Row) cell)
    {
        into.Add(isVisitor ? (byte)Visitor : (byte)0);
        into.AddVarint((uint)(nucleus.Class + 1));
        into.AddVarint((uint)nucleus.Ordinal);
        nucleus.Id.TryWriteBytes(into.Reserve(16));
        into.AddVarint((uint)nucleus.RingEnds.Count);
        var (x, y) = (cell.Column * Side * IndexedNucleus.Units, cell.Row * Side * IndexedNucleus.Units);
        for (var ring = 0; ring < nucleus.RingEnds.Count; ring++)
        {
            var (start, end) = nucleus.Ring(ring);
            into.AddVarint((uint)((end - start) / 2));
            var points = CollectionsMarshal.AsSpan(nucleus.Points)[start..end];
            for (var i = 0; i + 1 < points.Length; i += 2)
            {
                into.AddZigzag(points[i] - x);
                into.AddZigzag(points[i + 1] - y);
                (x, y) = (points[i], points[i + 1]);
            }
        }

        into.AddVarint((uint)nucleus.Values.Count);
        foreach (var value in nucleus.Values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(into.Reserve(sizeof(float)), value);
        }
    }

    /// <summary>Reads nuclei one after the other into the same object.</summary>
    /// <param name="bytes">What <see cref="Write"/> wrote.</param>
    /// <param name="cell">Column and row of the cell.</param>
    /// <param name="nucleus">Takes each nucleus.</param>
    /// <param name="take">Is called for each, with whether it only reaches in.</param>
    public static void Read(ReadOnlySpan<byte> bytes, (int Column, int Row) cell, IndexedNucleus nucleus, Action<IndexedNucleus, bool> take)
    {
        var at = 0;
        while (at < bytes.Length)
        {
            nucleus.Clear();
            var isVisitor = bytes[at++] == Visitor;
            nucleus.Class = (int)Varint(bytes, ref at) - 1;
            nucleus.Ordinal = (int)Varint(bytes, ref at);
            nucleus.Id = new Guid(bytes.Slice(at, 16));
            at += 16;
            var rings = Varint(bytes, ref at);
            var (x, y) = (cell.Column * Side * IndexedNucleus.Units, cell.Row * Side * IndexedNucleus.Units);
            for (var ring = 0; ring < rings; ring++)
            {
                for (var points = Varint(bytes, ref at); points > 0; points--)
                {
                    x += Zigzag(bytes, ref at);
                    y += Zigzag(bytes, ref at);
                    nucleus.Points.Add(x);
                    nucleus.Points.Add(y);
                }

                nucleus.RingEnds.Add(nucleus.Points.Count);
            }

            for (var values = Varint(bytes, ref at); values > 0; values--)
            {
                nucleus.Values.Add(BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]));
                at += sizeof(float);
            }

            take(nucleus, isVisitor);
        }
    }

    private static uint Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private static int Zigzag(ReadOnlySpan<byte> bytes, ref int at) => Varint(bytes, ref at) is var v ? (int)(v >> 1) ^ -(int)(v & 1) : 0;
}
