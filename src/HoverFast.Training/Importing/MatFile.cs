using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace HoverFast.Training.Importing;

/// <summary>
/// Reads the numeric arrays of MATLAB's MAT files, level 5 (versions 5 to 7; MathWorks, MAT-File Format): two-dimensional arrays, compressed or not. Other
/// kinds of variables are passed over. Version 7.3 is HDF5 and is refused with the way out.
/// </summary>
internal static class MatFile
{
    private const int HeaderLength = 128;
    private const int Matrix = 14;
    private const int Compressed = 15;
    private const int MostBytes = 1 << 28;
    private const int MostNumbers = MostBytes / sizeof(double);

    /// <summary>Reads all numeric arrays by name, in rows.</summary>
    /// <exception cref="TrainingException">The file is none, cut short or damaged.</exception>
    public static IReadOnlyDictionary<string, NumberArray> Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes.Length > HeaderLength && Encoding.ASCII.GetString(bytes, 0, HeaderLength).Contains("MATLAB 7.3", StringComparison.Ordinal))
            {
                throw new InvalidDataException("it is of version 7.3; save it with -v7 (in Python: scipy.io.savemat)");
            }

            if (bytes.Length < HeaderLength || bytes[126] != 'I' || bytes[127] != 'M')
            {
                throw new InvalidDataException("it has no header of a little-endian MAT file of level 5");
            }

            var arrays = new Dictionary<string, NumberArray>(StringComparer.Ordinal);
            var numbers = 0L;
            for (var at = HeaderLength; at < bytes.Length;)
            {
                var (type, data, next) = Element(bytes, at);
                if (type == Compressed)
                {
                    var inner = Inflated(data);
                    (type, data, _) = Element(inner, 0);
                }

                if (type == Matrix && Array(data.Span.ToArray()) is var (name, array))
                {
                    arrays[name] = array;
                    numbers += array.Values.Length;
                    if (numbers > MostNumbers)
                    {
                        throw new InvalidDataException($"it holds more than {MostNumbers} numbers");
                    }
                }

                at = next;
            }

            return arrays;
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw new TrainingException(path, $"can't be read as a MAT file ({e.Message}).", e);
        }
    }

    // A tag of eight bytes (type, length) or, for up to four bytes of data, of four; data is padded to eight, but not where it is compressed.
    private static (int Type, ReadOnlyMemory<byte> Data, int Next) Element(byte[] bytes, int at)
    {
        var first = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        if (first >> 16 is > 0 and <= 4 and var small)
        {
            return (first & 0xffff, bytes.AsMemory(at + 4, small), at + 8);
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
        if (length < 0 || length > bytes.Length - at - 8)
        {
            throw new InvalidDataException("it is cut short");
        }

        return (first, bytes.AsMemory(at + 8, length), first == Compressed ? at + 8 + length : at + 8 + ((length + 7) / 8 * 8));
    }

    private static byte[] Inflated(ReadOnlyMemory<byte> data)
    {
        using var inner = new ZLibStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (var read = inner.Read(buffer); read > 0; read = inner.Read(buffer))
        {
            plain.Write(buffer, 0, read);
            if (plain.Length > MostBytes)
            {
                throw new InvalidDataException("an array has more than 256 MB");
            }
        }

        return plain.ToArray();
    }

    // Flags, dimensions, name, numbers. Classes 6 to 15 are numbers; cells, structures, text, sparse arrays and objects come before and after.
    private static (string Name, NumberArray Array)? Array(byte[] bytes)
    {
        var (_, flags, at) = Element(bytes, 0);
        var kind = flags.Span[0];
        (_, var dimensions, at) = Element(bytes, at);
        (_, var name, at) = Element(bytes, at);
        if (kind is < 6 or > 15 || dimensions.Length != 8)
        {
            return null;
        }

        var (rows, columns) = (BinaryPrimitives.ReadInt32LittleEndian(dimensions.Span), BinaryPrimitives.ReadInt32LittleEndian(dimensions.Span[4..]));
        double[] values = [];
        if (rows > 0 && columns > 0)
        {
            var (type, data, _) = Element(bytes, at);
            values = Numbers(rows, columns, type, data.Span);
        }

        return (Encoding.ASCII.GetString(name.Span), new NumberArray([rows, columns], values));
    }

    private static double[] Numbers(int rows, int columns, int type, ReadOnlySpan<byte> data)
    {
        var size = type switch
        {
            1 or 2 => 1,
            3 or 4 => 2,
            5 or 6 or 7 => 4,
            9 or 12 or 13 => 8,
            _ => throw new InvalidDataException($"it holds numbers of the unknown type {type}"),
        };
        var count = (long)rows * columns;
        if (data.Length < count * size)
        {
            throw new InvalidDataException("an array is cut short");
        }

        if (count > MostNumbers)
        {
            throw new InvalidDataException($"an array has more than {MostNumbers} numbers");
        }

        var values = new double[count];
        for (var column = 0; column < columns; column++)
        {
            for (var row = 0; row < rows; row++)
            {
                var at = data[(((column * rows) + row) * size)..];
                values[(row * columns) + column] = type switch
                {
                    1 => (sbyte)at[0],
                    2 => at[0],
                    3 => BinaryPrimitives.ReadInt16LittleEndian(at),
                    4 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                    5 => BinaryPrimitives.ReadInt32LittleEndian(at),
                    6 => BinaryPrimitives.ReadUInt32LittleEndian(at),
                    7 => BinaryPrimitives.ReadSingleLittleEndian(at),
                    9 => BinaryPrimitives.ReadDoubleLittleEndian(at),
                    12 => BinaryPrimitives.ReadInt64LittleEndian(at),
                    _ => BinaryPrimitives.ReadUInt64LittleEndian(at),
                };
            }
        }

        return values;
    }
}
