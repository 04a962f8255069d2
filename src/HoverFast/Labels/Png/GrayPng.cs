using System.Buffers.Binary;
using System.IO.Compression;

namespace HoverFast.Labels.Png;

/// <summary>
/// Grey PNG pictures as exact whole numbers. Picture libraries reduce 16-bit grey to 8 bits, which would merge labels.
/// </summary>
internal static class GrayPng
{
    private const int LargestChunk = 1 << 30;
    private const long MostPixels = 1L << 29;

    /// <summary>Whether the first bytes of a file are those of a PNG.</summary>
    public static bool IsPng(ReadOnlySpan<byte> start) => start.StartsWith(PngChunks.Signature);

    /// <summary>Writes 16-bit grey.</summary>
    /// <param name="file">Takes the bytes.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="values">Row-major, each 0 to 65,535; whole rows.</param>
    public static void Write16(Stream file, int width, ReadOnlySpan<int> values)
    {
        var height = values.Length / width;
        file.Write(PngChunks.Signature);
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 16;
        PngChunks.Write(file, "IHDR"u8, header);
        using (var data = new PngDataStream(file))
        using (var zlib = new ZLibStream(data, CompressionLevel.Optimal))
        {
            // Labels repeat from row to row: the Up filter leaves zeros.
            const byte Up = 2;
            var row = new byte[width * 2];
            var above = new byte[width * 2];
            var filtered = new byte[1 + (width * 2)];
            filtered[0] = Up;
            for (var y = 0; y < height; y++)
            {
                var from = values.Slice(y * width, width);
                for (var x = 0; x < width; x++)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(x * 2), checked((ushort)from[x]));
                }

                for (var i = 0; i < row.Length; i++)
                {
                    filtered[i + 1] = (byte)(row[i] - above[i]);
                }

                zlib.Write(filtered);
                (row, above) = (above, row);
            }
        }

        PngChunks.Write(file, "IEND"u8, []);
    }

    /// <summary>Reads grey of 1, 2, 4, 8 or 16 bits, or the indices of a palette, as they are stored.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or cut short.</exception>
    /// <exception cref="NotSupportedException">The file is in colour or interlaced; the message says what to do.</exception>
    public static LabelImage Read(Stream file)
    {
        Span<byte> signature = stackalloc byte[8];
        if (file.ReadAtLeast(signature, 8, throwOnEndOfStream: false) < 8 || !IsPng(signature))
        {
            throw new InvalidDataException("It does not start as a PNG file does.");
        }

        Header? header = null;
        using var compressed = new MemoryStream();
        while (ReadChunk(file) is var (name, data))
        {
            if (name.AsSpan().SequenceEqual("IHDR"u8))
            {
                header = ReadHeader(data);
            }
            else if (name.AsSpan().SequenceEqual("IDAT"u8))
            {
                compressed.Write(data);
            }
            else if (name.AsSpan().SequenceEqual("IEND"u8))
            {
                break;
            }
        }

        compressed.Position = 0;
        return Decode(header ?? throw new InvalidDataException("It has no header."), compressed);
    }

    private static (byte[] Name, byte[] Data)? ReadChunk(Stream file)
    {
        Span<byte> frame = stackalloc byte[8];
        if (file.ReadAtLeast(frame, 8, throwOnEndOfStream: false) < 8)
        {
            throw new InvalidDataException("It is cut short.");
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(frame);
        if (length is < 0 or > LargestChunk || (file.CanSeek && length > file.Length - file.Position))
        {
            throw new InvalidDataException("It is cut short or damaged.");
        }

        var name = frame[4..].ToArray();
        var data = new byte[length];
        Span<byte> checksum = stackalloc byte[4];
        if (file.ReadAtLeast(data, length, throwOnEndOfStream: false) < length || file.ReadAtLeast(checksum, 4, throwOnEndOfStream: false) < 4)
        {
            throw new InvalidDataException("It is cut short.");
        }

        return BinaryPrimitives.ReadUInt32BigEndian(checksum) == PngChunks.Checksum(name, data)
            ? (name, data)
            : throw new InvalidDataException("A checksum does not match; the file is damaged.");
    }

    private static Header ReadHeader(ReadOnlySpan<byte> data)
    {
        if (data.Length < 13)
        {
            throw new InvalidDataException("Its header is too short.");
        }

        var header = new Header(BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data[4..]), data[8]);
        if (header.Width <= 0 || header.Height <= 0 || (long)header.Width * header.Height > MostPixels)
        {
            throw new InvalidDataException($"It would have {header.Width} x {header.Height} pixels.");
        }

        const int Gray = 0;
        const int Palette = 3;
        if (data[9] is not (Gray or Palette))
        {
            throw new NotSupportedException("It is in colour, but labels are grey numbers. Save it as 16-bit grey.");
        }

        if (data[12] != 0)
        {
            throw new NotSupportedException("It is interlaced, which label images need not be. Save it without interlacing.");
        }

        return header.Bits is 1 or 2 or 4 or 8 or 16 ? header : throw new InvalidDataException($"It would have {header.Bits} bits a pixel.");
    }

    private static LabelImage Decode(Header header, Stream compressed)
    {
        var image = new LabelImage(header.Width, header.Height);
        var step = header.Bits == 16 ? 2 : 1;
        var length = (int)((((long)header.Width * header.Bits) + 7) / 8);
        var row = new byte[1 + length];
        var above = new byte[1 + length];
        using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
        for (var y = 0; y < header.Height; y++)
        {
            if (zlib.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length)
            {
                throw new InvalidDataException("Its rows are cut short.");
            }

            Unfilter(row[0], row.AsSpan(1), above.AsSpan(1), step);
            Unpack(row.AsSpan(1), header.Bits, image.Labels.AsSpan(y * header.Width, header.Width));
            (row, above) = (above, row);
        }

        return image;
    }

    /// <summary>Undoes a row's filter (PNG specification, section 9).</summary>
    private static void Unfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        switch (filter)
        {
            case 0:
                break;
            case 1:
                for (var i = step; i < row.Length; i++)
                {
                    row[i] += row[i - step];
                }

                break;
            case 2:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += above[i];
                }

                break;
            case 3:
                for (var i = 0; i < row.Length; i++)
                {
                    var left = i < step ? 0 : row[i - step];
                    row[i] += (byte)((left + above[i]) / 2);
                }

                break;
            case 4:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += i < step ? above[i] : Paeth(row[i - step], above[i], above[i - step]);
                }

                break;
            default:
                throw new InvalidDataException($"A row has the unknown filter {filter}.");
        }
    }

    private static byte Paeth(int left, int up, int corner)
    {
        var guess = left + up - corner;
        var (toLeft, toUp, toCorner) = (Math.Abs(guess - left), Math.Abs(guess - up), Math.Abs(guess - corner));
        return (byte)(toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner);
    }

    private static void Unpack(ReadOnlySpan<byte> row, int bits, Span<int> labels)
    {
        if (bits == 16)
        {
            for (var x = 0; x < labels.Length; x++)
            {
                labels[x] = BinaryPrimitives.ReadUInt16BigEndian(row[(x * 2)..]);
            }

            return;
        }

        var mask = (1 << bits) - 1;
        for (var x = 0; x < labels.Length; x++)
        {
            var at = x * bits;
            labels[x] = (row[at >> 3] >> (8 - bits - (at & 7))) & mask;
        }
    }

    private sealed record Header(int Width, int Height, int Bits);
}
