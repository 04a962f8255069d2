using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace HoverFast.Training.Importing;

/// <summary>
/// Reads NumPy's NPY files (versions 1 to 3 of the format, little-endian numbers and text, C order), slice by slice along the first dimension: PanNuke's are
/// larger than memory. Objects are refused: to read one would be to run it.
/// </summary>
internal sealed partial class NpyFile : IDisposable
{
    private const int LargestSlice = 1 << 28;
    private readonly FileStream _file;
    private readonly long _start;
    private readonly char _kind;
    private readonly int _size;

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="TrainingException">It is no such file, or cut short.</exception>
    public NpyFile(string path)
    {
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            (_start, _kind, _size, Shape) = ReadHeader();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Length of each dimension.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Slices along the first dimension.</summary>
    public int Count => Shape[0];

    private int SliceLength => Shape.Skip(1).Aggregate(1, (a, b) => checked(a * b));

    /// <summary>The numbers of a slice.</summary>
    public NumberArray Slice(int index)
    {
        var values = new double[SliceLength];
        var bytes = Bytes(index);
        for (var i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan(i * _size, _size);
            values[i] = (_kind, _size) switch
            {
                ('b' or 'u', 1) => at[0],
                ('i', 1) => (sbyte)at[0],
                ('u', 2) => BinaryPrimitives.ReadUInt16LittleEndian(at),
                ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(at),
                ('u', 4) => BinaryPrimitives.ReadUInt32LittleEndian(at),
                ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(at),
                ('u', 8) => BinaryPrimitives.ReadUInt64LittleEndian(at),
                ('i', 8) => BinaryPrimitives.ReadInt64LittleEndian(at),
                ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(at),
                ('f', 8) => BinaryPrimitives.ReadDoubleLittleEndian(at),
                _ => throw Error("holds no numbers"),
            };
        }

        return new NumberArray([.. Shape.Skip(1)], values);
    }

    /// <summary>The whole array.</summary>
    public NumberArray All() => new(Shape, [.. Enumerable.Range(0, Count).SelectMany(i => Slice(i).Values)]);

    /// <summary>The text of a slice of a one-dimensional array of text.</summary>
    public string Text(int index) => _kind == 'U' && Shape.Count == 1 ? Encoding.UTF32.GetString(Bytes(index)).TrimEnd('\0') : throw Error("holds no text");

    public void Dispose() => _file.Dispose();

    private byte[] Bytes(int index)
    {
        var bytes = new byte[checked(SliceLength * _size)];
        _file.Position = _start + ((long)index * bytes.Length);
        return _file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length ? bytes : throw Error("is cut short");
    }

    private (long Start, char Kind, int Size, int[] Shape) ReadHeader()
    {
        const int longest = 1 << 16;
        var start = new byte[12];
        if (_file.ReadAtLeast(start, 12, throwOnEndOfStream: false) < 12 || start[0] != 0x93 || !start.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
        {
            throw Error("is no NPY file");
        }

        var (length, at) =
            start[6] == 1
                ? (BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8)), 10)
                : ((int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8))), 12);
        if (start[6] is < 1 or > 3 || length > longest || at + length > _file.Length)
        {
            throw Error("is no NPY file of a known version, or cut short");
        }

        _file.Position = at;
        var header = new byte[length];
        _file.ReadExactly(header);
        var text = Encoding.UTF8.GetString(header);
        var type = Type().Match(text);
        var shape = Dimensions().Match(text);
        if (!type.Success || !shape.Success || text.Contains("'fortran_order': True", StringComparison.Ordinal))
        {
            throw Error("is an array of another order, of big-endian numbers or of objects; save it with numpy.save as plain numbers");
        }

        try
        {
            int[] lengths =
            [
                .. shape
                    .Groups["shape"]
                    .Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    .Select(n => int.Parse(n, NumberStyles.None, CultureInfo.InvariantCulture)),
            ];
            var kind = type.Groups["kind"].Value[0];
            var size = int.Parse(type.Groups["size"].Value, CultureInfo.InvariantCulture) * (kind == 'U' ? 4 : 1);
            var expected = lengths.Aggregate((long)size, (a, b) => checked(a * b));
            if (lengths.Length == 0 || lengths.Contains(0) || expected / lengths[0] > LargestSlice)
            {
                throw Error($"has the shape ({string.Join(", ", lengths)}), which is empty or too large");
            }

            return at + length + expected <= _file.Length ? (at + length, kind, size, lengths) : throw Error("is cut short");
        }
        catch (Exception e) when (e is OverflowException or FormatException)
        {
            throw Error("is no NPY file: its numbers don't fit");
        }
    }

    private TrainingException Error(string problem) => new(_file.Name, problem + ".");

    [GeneratedRegex(@"'descr':\s*'[<|=](?<kind>[biufU])(?<size>[1-9]\d{0,5})'")]
    private static partial Regex Type();

    [GeneratedRegex(@"'shape':\s*\((?<shape>[\d,\s]*)\)")]
    private static partial Regex Dimensions();
}
