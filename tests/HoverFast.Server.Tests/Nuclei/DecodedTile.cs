using System.Text;

namespace HoverFast.Server.Tests.Nuclei;

/// <summary>A Mapbox vector tile (specification 2.1), decoded without the code that writes it.</summary>
internal sealed record DecodedTile(IReadOnlyList<DecodedTile.Feature> Features)
{
    /// <summary>A feature: its properties by name, its rings in units of the tile.</summary>
    internal sealed record Feature(ulong Id, IReadOnlyDictionary<string, string> Properties, IReadOnlyList<(int X, int Y)[]> Rings);

    /// <summary>Decodes a tile of one layer.</summary>
    public static DecodedTile Of(byte[] tile)
    {
        var layers = Fields(tile).Where(f => f.Number == 3).Select(f => f.Bytes).ToList();
        if (layers.Count == 0)
        {
            return new DecodedTile([]);
        }

        var layer = Fields(layers[0]).ToList();
        var keys = layer.Where(f => f.Number == 3).Select(f => Encoding.UTF8.GetString(f.Bytes)).ToList();
        var values = layer.Where(f => f.Number == 4).Select(f => Encoding.UTF8.GetString(Fields(f.Bytes).Single(v => v.Number == 1).Bytes)).ToList();
        return new DecodedTile([.. layer.Where(f => f.Number == 2).Select(f => Decode([.. Fields(f.Bytes)], keys, values))]);
    }

    private static Feature Decode(List<(int Number, ulong Value, byte[] Bytes)> fields, List<string> keys, List<string> values)
    {
        var tags = Varints(fields.Single(f => f.Number == 2).Bytes).ToList();
        var properties = Enumerable.Range(0, tags.Count / 2).ToDictionary(i => keys[(int)tags[2 * i]], i => values[(int)tags[(2 * i) + 1]]);
        var rings = new List<(int X, int Y)[]>();
        var ring = new List<(int X, int Y)>();
        var (x, y) = (0, 0);
        using var commands = Varints(fields.Single(f => f.Number == 4).Bytes).GetEnumerator();
        while (commands.MoveNext())
        {
            var (command, count) = ((int)(commands.Current & 7), (int)(commands.Current >> 3));
            if (command == 7)
            {
                rings.Add([.. ring]);
                ring.Clear();
                continue;
            }

            for (var i = 0; i < count; i++)
            {
                commands.MoveNext();
                x += Signed(commands.Current);
                commands.MoveNext();
                y += Signed(commands.Current);
                ring.Add((x, y));
            }
        }

        return new Feature(fields.Single(f => f.Number == 1).Value, properties, rings);
    }

    private static int Signed(ulong value) => (int)(value >> 1) ^ -(int)(value & 1);

    private static IEnumerable<ulong> Varints(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; )
        {
            yield return Varint(bytes, ref at);
        }
    }

    private static IEnumerable<(int Number, ulong Value, byte[] Bytes)> Fields(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; )
        {
            var key = Varint(bytes, ref at);
            var value = Varint(bytes, ref at);
            if ((key & 7) == 2)
            {
                yield return ((int)(key >> 3), 0, bytes[at..(at + (int)value)]);
                at += (int)value;
            }
            else
            {
                yield return ((int)(key >> 3), value, []);
            }
        }
    }

    private static ulong Varint(byte[] bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
