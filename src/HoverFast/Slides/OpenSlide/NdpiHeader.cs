using System.Buffers.Binary;
using HoverFast.Files;
using HoverFast.Slides.Tiff;

namespace HoverFast.Slides.OpenSlide;

/// <summary>
/// Recognises Hamamatsu's NDPI by its first directory. Beyond 4 GB an NDPI is no TIFF any more: the header says classic TIFF, but the place of
/// the first directory has 64 bits, so no TIFF reader may be let near it.
/// </summary>
internal static class NdpiHeader
{
    private const int EntryLength = 12;
    private const int MostEntries = 256;

    /// <summary>Whether a file that starts as a classic little-endian TIFF is an NDPI.</summary>
    /// <exception cref="SlideException">The file can't be read.</exception>
    public static bool IsNdpi(string path)
    {
        try
        {
            using var file = RegularFile.OpenHandle(path);
            Span<byte> header = stackalloc byte[12];
            if (RandomAccess.Read(file, header, 0) < header.Length || !header.StartsWith("II*\0"u8))
            {
                return false;
            }

            // Below 4 GB both readings agree, unless a TIFF's data starts right behind its header.
            return HasTag(file, (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(header[4..]), long.MaxValue))
                || HasTag(file, BinaryPrimitives.ReadUInt32LittleEndian(header[4..]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
    }

    private static bool HasTag(Microsoft.Win32.SafeHandles.SafeFileHandle file, long at)
    {
        var length = RandomAccess.GetLength(file);
        Span<byte> table = stackalloc byte[MostEntries * EntryLength];
        if (at < 8 || at > length - 2 || RandomAccess.Read(file, table[..2], at) < 2)
        {
            return false;
        }

        var count = Math.Min((int)BinaryPrimitives.ReadUInt16LittleEndian(table), MostEntries);
        var read = RandomAccess.Read(file, table[..(count * EntryLength)], at + 2);
        for (var i = 0; (i + 1) * EntryLength <= read; i++)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(table[(i * EntryLength)..]) is TiffTag.NdpiFormat or TiffTag.NdpiMagnification)
            {
                return true;
            }
        }

        return false;
    }
}
