using System.Buffers.Binary;

namespace HoverFast.Labels;

/// <summary>
/// Walks through the description at the end of a Parquet file (Thrift's compact protocol) before the library reads it: the library looks for more without end
/// where a damaged description goes on past its last byte, and takes memory for whatever length it states.
/// </summary>
internal ref struct ParquetFooter
{
    private const int DeepestNesting = 32;
    private const int LongestFooter = 1 << 28;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    private ParquetFooter(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    // Types of the compact protocol.
    private enum Kind
    {
        Stop = 0,
        True = 1,
        False = 2,
        Byte = 3,
        Int16 = 4,
        Int32 = 5,
        Int64 = 6,
        Double = 7,
        Binary = 8,
        List = 9,
        Set = 10,
        Map = 11,
        Struct = 12,
    }

    /// <summary>Checks that the description is whole.</summary>
    /// <param name="file">The file; its position is set to the beginning.</param>
    /// <exception cref="FormatException">The file is no Parquet, cut short or damaged.</exception>
    public static void Check(Stream file)
    {
        const int Tail = 8;
        Span<byte> tail = stackalloc byte[Tail];
        if (file.Length < Tail + 4)
        {
            throw new FormatException("it is no Parquet file");
        }

        file.Position = file.Length - Tail;
        file.ReadExactly(tail);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (!tail[4..].SequenceEqual("PAR1"u8) || length > LongestFooter || length > file.Length - Tail)
        {
            throw new FormatException("it is no Parquet file, or is cut short");
        }

        var bytes = new byte[length];
        file.Position = file.Length - Tail - length;
        file.ReadExactly(bytes);
        file.Position = 0;
        new ParquetFooter(bytes).Struct(0);
    }

    private static FormatException Damaged() => new("its description is damaged");

    private void Struct(int depth)
    {
        while (true)
        {
            var header = Byte();
            var kind = (Kind)(header & 0x0F);
            if (kind == Kind.Stop)
            {
                return;
            }

            // The field's number follows where it is not told as a difference.
            if (header >> 4 == 0)
            {
                Number();
            }

            if (kind is not (Kind.True or Kind.False))
            {
                Value(kind, depth + 1);
            }
        }
    }

    private void Value(Kind kind, int depth)
    {
        if (depth > DeepestNesting)
        {
            throw Damaged();
        }

        switch (kind)
        {
            case Kind.True or Kind.False or Kind.Byte:
                Skip(1);
                break;
            case Kind.Int16 or Kind.Int32 or Kind.Int64:
                Number();
                break;
            case Kind.Double:
                Skip(sizeof(double));
                break;
            case Kind.Binary:
                Skip(Number());
                break;
            case Kind.List or Kind.Set:
                var header = Byte();
                Items(header >> 4 == 15 ? Number() : (ulong)(header >> 4), depth, (Kind)(header & 0x0F));
                break;
            case Kind.Map:
                if (Number() is var pairs and > 0)
                {
                    var kinds = Byte();
                    Items(pairs, depth, (Kind)(kinds >> 4), (Kind)(kinds & 0x0F));
                }

                break;
            case Kind.Struct:
                Struct(depth);
                break;
            default:
                throw Damaged();
        }
    }

    private void Items(ulong count, int depth, params ReadOnlySpan<Kind> kinds)
    {
        // Each item takes a byte at least.
        if (count > (ulong)(_bytes.Length - _at))
        {
            throw Damaged();
        }

        for (ulong i = 0; i < count; i++)
        {
            foreach (var kind in kinds)
            {
                Value(kind, depth + 1);
            }
        }
    }

    private byte Byte() => _at < _bytes.Length ? _bytes[_at++] : throw Damaged();

    private ulong Number()
    {
        ulong number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = Byte();
            number |= (ulong)(part & 0x7F) << Math.Min(shift, 63);
            if (part < 0x80)
            {
                return number;
            }

            if (shift > 63)
            {
                throw Damaged();
            }
        }
    }

    private void Skip(ulong length)
    {
        if (length > (ulong)(_bytes.Length - _at))
        {
            throw Damaged();
        }

        _at += (int)length;
    }
}
