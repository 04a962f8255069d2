using System.Buffers.Binary;
using HoverFast.Slides;

namespace HoverFast.Training.Tests;

/// <summary>Writes the plainest RGB TIFF: one uncompressed strip (TIFF 6.0, section 6).</summary>
internal static class Tiff
{
    public static void Write(string path, RgbImage image)
    {
        const int entries = 9;
        const int bits = 8 + 2 + (entries * 12) + 4;
        const int strip = bits + 6;
        var file = new byte[strip + image.Span.Length];
        "II*\0"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), 8);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(8), entries);
        (short Tag, short Type, int Count, int Value)[] fields =
        [
            (256, 4, 1, image.Width), (257, 4, 1, image.Height), (258, 3, 3, bits), (259, 3, 1, 1), (262, 3, 1, 2),
            (273, 4, 1, strip), (277, 3, 1, 3), (278, 4, 1, image.Height), (279, 4, 1, image.Span.Length),
        ];
        for (var i = 0; i < entries; i++)
        {
            var at = file.AsSpan(10 + (i * 12));
            BinaryPrimitives.WriteInt16LittleEndian(at, fields[i].Tag);
            BinaryPrimitives.WriteInt16LittleEndian(at[2..], fields[i].Type);
            BinaryPrimitives.WriteInt32LittleEndian(at[4..], fields[i].Count);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], fields[i].Value);
        }

        for (var c = 0; c < 3; c++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(bits + (2 * c)), 8);
        }

        image.Span.CopyTo(file.AsSpan(strip));
        File.WriteAllBytes(path, file);
    }
}
