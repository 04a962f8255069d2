using System.Buffers.Binary;

namespace HoverFast.Output.Png;

/// <summary>The frame of a PNG file (ISO/IEC 15948): signature, and chunks of length, name, data and CRC-32.</summary>
internal static class PngChunks
{
    private static readonly uint[] _crc = MakeCrcTable();

    /// <summary>The eight bytes that a PNG file starts with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The chunk's checksum: CRC-32 of its name and data.</summary>
    public static uint Checksum(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data) => ~Update(Update(uint.MaxValue, name), data);

    /// <summary>Writes one chunk.</summary>
    public static void Write(Stream file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(name);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Checksum(name, data));
        file.Write(number);
    }

    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            crc = _crc[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            var c = n;
            for (var k = 0; k < 8; k++)
            {
                c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            }

            table[n] = c;
        }

        return table;
    }
}
