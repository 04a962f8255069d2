using System.Buffers.Binary;
using System.IO.Hashing;

namespace HoverFast.Slides.Png;

/// <summary>The frame of a PNG file (ISO/IEC 15948): signature, and chunks of length, name, data and CRC-32.</summary>
internal static class PngChunks
{
    /// <summary>The eight bytes that a PNG file starts with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The chunk's checksum: CRC-32 of its name and data.</summary>
    public static uint Checksum(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        var crc = new Crc32();
        crc.Append(name);
        crc.Append(data);
        return crc.GetCurrentHashAsUInt32();
    }

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
}
