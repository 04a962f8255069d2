using System.Buffers.Binary;
using HoverFast.Slides;

namespace HoverFast.Tests.Slides;

/// <summary>Writes a Hamamatsu NDPI of one JPEG level, as small as it can be. Beyond 4 GB the file is sparse.</summary>
internal static class NdpiFile
{
    /// <summary>Writes the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="jpeg">The picture.</param>
    /// <param name="size">Its pixels.</param>
    /// <param name="dataAt">Where the picture goes.</param>
    /// <param name="directoryAt">Where the directory goes.</param>
    public static void Write(string path, byte[] jpeg, PixelSize size, long dataAt, long directoryAt)
    {
        using var file = File.Create(path);
        Put(file, dataAt, jpeg);
        var extra = new List<byte>();
        var extraAt = directoryAt - 512;
        var perCentimetre = Bytes(40000, 1);
        (ushort Tag, ushort Type, uint Count, long Value)[] entries =
        [
            (256, 4, 1, size.Width),
            (257, 4, 1, size.Height),
            (258, 3, 3, Out([8, 0, 8, 0, 8, 0])),
            (259, 3, 1, 7),
            (262, 3, 1, 6),
            (271, 2, 10, Out("Hamamatsu\0"u8)),
            (272, 2, 11, Out("NanoZoomer\0"u8)),
            (273, 4, 1, dataAt),
            (277, 3, 1, 3),
            (278, 4, 1, size.Height),
            (279, 4, 1, jpeg.Length),
            (282, 5, 1, Out(perCentimetre)),
            (283, 5, 1, Out(perCentimetre)),
            (284, 3, 1, 1),
            (296, 3, 1, 3),
            (305, 2, 9, Out("NDP.scan\0"u8)),
            (65420, 4, 1, 1),
            (65421, 11, 1, BitConverter.SingleToUInt32Bits(40)),
            (65422, 9, 1, 0),
            (65423, 9, 1, 0),
            (65424, 9, 1, 0),
        ];
        var directory = new MemoryStream();
        directory.Write([(byte)entries.Length, 0]);
        foreach (var (tag, type, count, value) in entries)
        {
            directory.Write([(byte)tag, (byte)(tag >> 8), (byte)type, 0]);
            directory.Write(Bytes(count, (uint)value));
        }

        // The next directory's place, then the high halves of all values.
        directory.Write(new byte[8]);
        foreach (var entry in entries)
        {
            directory.Write(Bytes((uint)(entry.Value >> 32)));
        }

        Put(file, directoryAt, directory.ToArray());
        Put(file, extraAt, [.. extra]);
        var header = new byte[12];
        "II*\0"u8.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(4), directoryAt);
        Put(file, 0, header);

        long Out(ReadOnlySpan<byte> value)
        {
            var at = extraAt + extra.Count;
            extra.AddRange(value);
            extra.AddRange(new byte[(4 - (extra.Count % 4)) % 4]);
            return at;
        }
    }

    private static void Put(FileStream file, long at, byte[] bytes)
    {
        file.Position = at;
        file.Write(bytes);
    }

    private static byte[] Bytes(params ReadOnlySpan<uint> values)
    {
        var bytes = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), values[i]);
        }

        return bytes;
    }
}
