using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace HoverFast.Tests;

/// <summary>Reads float16 and float32 arrays of NumPy's .npy format, alone or inside an .npz.</summary>
internal static partial class NumpyFile
{
    public static (int[] Shape, float[] Data) Read(string path) => Parse(File.ReadAllBytes(path));

    public static (int[] Shape, float[] Data) Read(string archive, string name)
    {
        using var zip = ZipFile.OpenRead(archive);
        using var stream = zip.GetEntry(name + ".npy")!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return Parse(memory.ToArray());
    }

    private static (int[] Shape, float[] Data) Parse(byte[] bytes)
    {
        var wide = bytes[6] > 1;
        var start = wide ? 12 : 10;
        var length = wide ? BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)) : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        var header = Encoding.ASCII.GetString(bytes, start, length);
        if (header.Contains("'fortran_order': True", StringComparison.Ordinal))
        {
            throw new InvalidDataException("Fortran order");
        }

        var shape = ShapePattern().Match(header).Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        var data = bytes.AsSpan(start + length);
        return (shape, DtypePattern().Match(header).Groups["type"].Value switch
        {
            "<f4" => MemoryMarshal.Cast<byte, float>(data).ToArray(),
            "<f2" => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(data).ToArray(), h => (float)h),
            var other => throw new InvalidDataException(other),
        });
    }

    [GeneratedRegex(@"'shape':\s*\((?<shape>[^)]*)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShapePattern();

    [GeneratedRegex(@"'descr':\s*'(?<type>[^']*)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DtypePattern();
}
