using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Training.Tests.Importing;

/// <summary>A tiny tile, and writers of the files in which public data sets come.</summary>
internal static class Twin
{
    public const int Width = 48;
    public const int Height = 40;

    /// <summary>Two squares of 10 pixels, at (4, 4) and (24, 20).</summary>
    public static (int X, int Y)[] Squares { get; } = [(4, 4), (24, 20)];

    /// <summary>The labels, 1 and 2.</summary>
    public static int[] Labels { get; } =
    [
        .. Enumerable
            .Range(0, Width * Height)
            .Select(i => 1 + Array.FindIndex(Squares, s => i % Width >= s.X && i % Width < s.X + 10 && i / Width >= s.Y && i / Width < s.Y + 10)),
    ];

    /// <summary>Dark squares on a light ground; no two pixels of the ground are alike.</summary>
    public static RgbImage Picture { get; } =
        new(
            Width,
            Height,
            [
                .. Enumerable
                    .Range(0, Width * Height)
                    .SelectMany(i => Labels[i] > 0 ? new byte[] { 90, 60, 150 } : [(byte)(200 + (i % Width)), (byte)(160 + (i / Width)), 200]),
            ]);

    public static string Folder(params string[] parts) => Directory.CreateDirectory(Path.Combine(parts)).FullName;

    public static void WritePng(string folder, string name) => RgbImageFile.WritePng(Path.Combine(Folder(folder), name + ".png"), Picture);

    public static void WriteMask(string folder, string name) =>
        LabelImageFile.WriteTiff(Path.Combine(Folder(folder), name + ".tif"), new LabelImage(Width, Height, Labels));

    /// <summary>The corners of a square, as x and y.</summary>
    public static IEnumerable<(int X, int Y)> Corners(int square)
    {
        var (x, y) = Squares[square];
        return [(x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10)];
    }

    /// <summary>Writes an NPY file of version 1.</summary>
    public static void WriteNpy(string path, string type, int[] shape, byte[] data)
    {
        Folder(Path.GetDirectoryName(path)!);
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}{(shape.Length == 1 ? "," : "")}), }}";
        header = header.PadRight(((header.Length + 10 + 1 + 63) / 64 * 64) - 11) + "\n";
        using var file = File.Create(path);
        file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        file.Write(Encoding.ASCII.GetBytes(header));
        file.Write(data);
    }

    public static byte[] Doubles(IEnumerable<double> values) => [.. values.SelectMany(BitConverter.GetBytes)];

    /// <summary>Writes a MAT file of level 5: each array as doubles (class 6), compressed every other time.</summary>
    public static void WriteMat(string path, params (string Name, int Rows, int Columns, double[] Values)[] arrays)
    {
        Folder(Path.GetDirectoryName(path)!);
        using var file = File.Create(path);
        var header = new byte[128];
        header.AsSpan().Fill((byte)' ');
        "MATLAB 5.0 MAT-file, a tiny twin"u8.CopyTo(header);
        header[124] = 0;
        header[125] = 1;
        (header[126], header[127]) = ((byte)'I', (byte)'M');
        file.Write(header);
        var compress = false;
        foreach (var (name, rows, columns, values) in arrays)
        {
            // Columns first.
            var columnwise = Enumerable.Range(0, values.Length).Select(i => values[(i % rows * columns) + (i / rows)]);
            var matrix = Element(
                14,
                [
                    .. Element(6, [6, 0, 0, 0, 0, 0, 0, 0]),
                    .. Element(5, [.. BitConverter.GetBytes(rows), .. BitConverter.GetBytes(columns)]),
                    .. Element(1, Encoding.ASCII.GetBytes(name)),
                    .. Element(9, Doubles(columnwise)),
                ]);
            if (compress)
            {
                using var packed = new MemoryStream();
                using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                {
                    zlib.Write(matrix);
                }

                matrix = [.. Tag(15, (int)packed.Length), .. packed.ToArray()];
            }

            file.Write(matrix);
            compress = !compress;
        }
    }

    private static byte[] Element(int type, byte[] data)
    {
        if (data.Length is > 0 and <= 4)
        {
            // The short form: type and length in one number, the data in the other.
            byte[] small = [.. BitConverter.GetBytes(type | (data.Length << 16)), .. data];
            Array.Resize(ref small, 8);
            return small;
        }

        byte[] element = [.. Tag(type, data.Length), .. data];
        Array.Resize(ref element, (element.Length + 7) / 8 * 8);
        return element;
    }

    private static byte[] Tag(int type, int length)
    {
        var tag = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(tag, type);
        BinaryPrimitives.WriteInt32LittleEndian(tag.AsSpan(4), length);
        return tag;
    }
}
