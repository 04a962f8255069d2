using System.Buffers.Binary;
using System.IO.Compression;
using HoverFast.Files;
using HoverFast.Slides.Png;

namespace HoverFast.Slides;

/// <summary>Finds the ICC profile of a plain picture: PNG's iCCP chunk, JPEG's APP2 segments, WebP's ICCP chunk.</summary>
internal static class PictureProfile
{
    private const int Longest = 4 << 20;

    /// <summary>The profile, or null where there is none (or it is damaged: the colours are then as good as unmanaged).</summary>
    public static byte[]? Of(string path)
    {
        try
        {
            using var file = RegularFile.OpenRead(path);
            Span<byte> start = stackalloc byte[12];
            var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            if (PngRows.IsPng(start[..read]))
            {
                file.Position = 8;
                return OfPng(file);
            }

            if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
            {
                file.Position = 2;
                return OfJpeg(file);
            }

            return start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8) ? OfWebP(file) : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static byte[]? OfPng(FileStream file)
    {
        Span<byte> name = stackalloc byte[4];
        while (true)
        {
            var length = PngDataReader.ReadFrame(file, name);
            if (name.SequenceEqual("IDAT"u8) || name.SequenceEqual("IEND"u8))
            {
                return null;
            }

            if (!name.SequenceEqual("iCCP"u8) || length > Longest)
            {
                file.Seek(length + 4L, SeekOrigin.Current);
                continue;
            }

            var data = new byte[length];
            file.ReadExactly(data);
            var packed = Array.IndexOf(data, (byte)0) + 2;
            if (packed < 2 || packed > data.Length)
            {
                return null;
            }

            using var zlib = new ZLibStream(new MemoryStream(data, packed, data.Length - packed), CompressionMode.Decompress);
            var profile = new byte[Longest];
            return profile[..zlib.ReadAtLeast(profile, profile.Length, throwOnEndOfStream: false)];
        }
    }

    private static byte[]? OfJpeg(FileStream file)
    {
        const int HeaderLength = 14;
        var parts = new SortedDictionary<int, byte[]>();
        Span<byte> size = stackalloc byte[2];
        while (Marker(file) is >= 0 and not (0xDA or 0xD9) and var marker && file.ReadAtLeast(size, 2, throwOnEndOfStream: false) == 2)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(size) - 2;
            if (length < 0)
            {
                break;
            }

            var data = new byte[length];
            file.ReadExactly(data);
            if (marker == 0xE2 && length > HeaderLength && data.AsSpan().StartsWith("ICC_PROFILE\0"u8))
            {
                parts[data[12]] = data[HeaderLength..];
            }
        }

        return parts.Count == 0 ? null : [.. parts.Values.SelectMany(p => p)];
    }

    // Fill bytes may stand before a marker. -1 where there is none.
    private static int Marker(FileStream file)
    {
        var next = file.ReadByte();
        if (next != 0xFF)
        {
            return -1;
        }

        while (next == 0xFF)
        {
            next = file.ReadByte();
        }

        return next;
    }

    private static byte[]? OfWebP(FileStream file)
    {
        Span<byte> frame = stackalloc byte[8];
        while (file.ReadAtLeast(frame, 8, throwOnEndOfStream: false) == 8)
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]);
            if (frame.StartsWith("ICCP"u8) && length <= Longest)
            {
                var profile = new byte[length];
                file.ReadExactly(profile);
                return profile;
            }

            file.Seek(length + (length % 2), SeekOrigin.Current);
        }

        return null;
    }
}
