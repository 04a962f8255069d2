using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using HoverFast.Slides;

namespace HoverFast.Tests.Slides;

/// <summary>Writes DICOM whole-slide files.</summary>
internal static class TestDicom
{
    public const string Uncompressed = "1.2.840.10008.1.2.1";
    public const string Jpeg = "1.2.840.10008.1.2.4.50";

    public static byte[] Make(
        RgbImage image,
        string syntax,
        int tile = 64,
        bool sparse = false,
        string series = "1.2.3",
        string? study = null,
        double spacing = 0.00025,
        string type = "DERIVED\\PRIMARY\\VOLUME\\NONE",
        string sopClass = "1.2.840.10008.5.1.4.1.1.77.1.6",
        bool undefinedLengths = false,
        bool fragments = false,
        (int Column, int Row)? leaveOut = null)
    {
        var file = new MemoryStream();
        file.Write(new byte[128]);
        file.Write("DICM"u8);
        Put(file, 0x0002, 0x0010, "UI", Text(syntax));
        Put(file, 0x0008, 0x0008, "CS", Text(type));
        Put(file, 0x0008, 0x0016, "UI", Text(sopClass));
        if (study is not null)
        {
            Put(file, 0x0020, 0x000D, "UI", Text(study));
        }

        Put(file, 0x0020, 0x000E, "UI", Text(series));
        Put(file, 0x0020, 0x9311, "CS", Text(sparse ? "TILED_SPARSE" : "TILED_FULL"));
        Put(file, 0x0028, 0x0002, "US", Short(3));
        Put(file, 0x0028, 0x0004, "CS", Text(syntax == Jpeg ? "YBR_FULL_422" : "RGB"));
        Put(file, 0x0028, 0x0006, "US", Short(0));

        var columns = (image.Width + tile - 1) / tile;
        var rows = (image.Height + tile - 1) / tile;
        var places = new List<(int Column, int Row)>();
        for (var i = 0; i < columns * rows; i++)
        {
            if (leaveOut != (i % columns, i / columns))
            {
                places.Add((i % columns, i / columns));
            }
        }

        if (sparse)
        {
            places.Reverse();
        }

        Put(file, 0x0028, 0x0008, "IS", Text(places.Count.ToString(CultureInfo.InvariantCulture)));
        Put(file, 0x0028, 0x0010, "US", Short(tile));
        Put(file, 0x0028, 0x0011, "US", Short(tile));
        Put(file, 0x0028, 0x0100, "US", Short(8));
        Put(file, 0x0048, 0x0006, "UL", Long(image.Width));
        Put(file, 0x0048, 0x0007, "UL", Long(image.Height));
        var measures = Element(0x0028, 0x0030, "DS", Text(FormattableString.Invariant($"{spacing}\\{spacing}")));
        var shared = Sequence(0x0028, 0x9110, [measures], undefinedLengths);
        file.Write(Sequence(0x5200, 0x9229, [shared], undefinedLengths));
        if (sparse)
        {
            var frames = places.Select(p => Sequence(
                0x0048,
                0x021A,
                [[.. Element(0x0048, 0x021E, "SL", Long((p.Column * tile) + 1)), .. Element(0x0048, 0x021F, "SL", Long((p.Row * tile) + 1))]],
                undefinedLengths)).ToList();
            file.Write(Sequence(0x5200, 0x9230, frames, undefinedLengths));
        }

        var parts = places.Select(p => TestPicture.Crop(image, new PixelRect(p.Column * tile, p.Row * tile, tile, tile))).ToList();
        if (syntax == Jpeg)
        {
            WriteEncapsulated(file, [.. parts.Select(p => TestPicture.Jpeg(p, 95))], fragments);
        }
        else
        {
            Put(file, 0x7FE0, 0x0010, "OB", parts.SelectMany(p => p.Span.ToArray()).ToArray());
        }

        return file.ToArray();
    }

    private static void WriteEncapsulated(MemoryStream file, List<byte[]> frames, bool fragments)
    {
        file.Write(Header(0x7FE0, 0x0010, "OB", 0xFFFFFFFF));
        var body = new MemoryStream();
        var table = new MemoryStream();
        foreach (var frame in frames)
        {
            byte[] even = frame.Length % 2 == 0 ? frame : [.. frame, 0];
            table.Write(Long((int)body.Length));
            var cut = fragments ? even.Length / 4 * 2 : even.Length;
            body.Write(Item(even[..cut]));
            if (fragments)
            {
                body.Write(Item(even[cut..]));
            }
        }

        file.Write(Item(fragments ? table.ToArray() : []));
        file.Write(body.ToArray());
        file.Write(Delimiter(0xE0DD));
    }

    private static byte[] Sequence(int group, int element, IReadOnlyList<byte[]> items, bool undefinedLength)
    {
        var body = new MemoryStream();
        foreach (var item in items)
        {
            if (undefinedLength)
            {
                body.Write([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
                body.Write(item);
                body.Write(Delimiter(0xE00D));
            }
            else
            {
                body.Write(Item(item));
            }
        }

        if (undefinedLength)
        {
            body.Write(Delimiter(0xE0DD));
        }

        return [.. Header(group, element, "SQ", undefinedLength ? 0xFFFFFFFF : (uint)body.Length), .. body.ToArray()];
    }

    private static byte[] Item(byte[] bytes) => [0xFE, 0xFF, 0x00, 0xE0, .. Long(bytes.Length), .. bytes];

    private static byte[] Delimiter(int element) => [0xFE, 0xFF, .. Short(element), 0, 0, 0, 0];

    private static void Put(MemoryStream file, int group, int element, string vr, byte[] value) => file.Write(Element(group, element, vr, value));

    private static byte[] Element(int group, int element, string vr, byte[] value) => [.. Header(group, element, vr, (uint)value.Length), .. value];

    private static byte[] Header(int group, int element, string vr, uint length)
    {
        byte[] start = [.. Short(group), .. Short(element), .. Encoding.ASCII.GetBytes(vr)];
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, length);
        return vr is "OB" or "SQ" ? [.. start, 0, 0, .. bytes] : [.. start, .. bytes[..2]];
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + " ");

    private static byte[] Short(int value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] Long(int value) => BitConverter.GetBytes(value);
}
