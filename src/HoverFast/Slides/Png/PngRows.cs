using System.Buffers.Binary;
using System.IO.Compression;

namespace HoverFast.Slides.Png;

/// <summary>
/// Reads a PNG row by row as it is stored, whatever its bits. Picture libraries reduce 16-bit gray to 8 bits, which would merge labels and lose faint
/// values. Interlaced files are not read.
/// </summary>
internal sealed class PngRows : IDisposable
{
    private const int LongestHeader = 1 << 16;

    private readonly PngDataReader _data;
    private readonly ZLibStream _rows;
    private int _read;
    private byte[] _row;
    private byte[] _above;

    private PngRows(ReadOnlySpan<byte> header, PngDataReader data)
    {
        Width = BinaryPrimitives.ReadInt32BigEndian(header);
        Height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        Bits = header[8];
        ColourType = header[9];
        IsInterlaced = header[12] != 0;
        Channels = ColourType switch
        {
            Gray or Palette => 1,
            GrayAlpha => 2,
            Rgb => 3,
            RgbAlpha => 4,
            _ => throw new InvalidDataException($"Its colour type {ColourType} isn't known."),
        };
        if (Width <= 0 || Height <= 0 || Bits is not (1 or 2 or 4 or 8 or 16) || (Bits < 8 && Channels > 1))
        {
            throw new InvalidDataException($"It would have {Width} x {Height} pixels of {Bits} bits a sample.");
        }

        var length = (((long)Width * Channels * Bits) + 7) / 8;
        if (length > Array.MaxLength / 4)
        {
            throw new InvalidDataException($"It would have {Width} x {Height} pixels.");
        }

        _row = new byte[1 + length];
        _above = new byte[1 + length];
        _data = data;
        _rows = new ZLibStream(data, CompressionMode.Decompress);
    }

    /// <summary>Colour types of PNG: samples a pixel.</summary>
    public const int Gray = 0;

    /// <summary>Red, green, blue.</summary>
    public const int Rgb = 2;

    /// <summary>An index into a palette.</summary>
    public const int Palette = 3;

    /// <summary>Gray and alpha.</summary>
    public const int GrayAlpha = 4;

    /// <summary>Red, green, blue, alpha.</summary>
    public const int RgbAlpha = 6;

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Bits of a sample: 1, 2, 4, 8 or 16.</summary>
    public int Bits { get; }

    /// <summary>What samples mean.</summary>
    public int ColourType { get; }

    /// <summary>Samples of a pixel.</summary>
    public int Channels { get; }

    /// <summary>Whether rows come in seven passes; <see cref="Read"/> isn't for such files.</summary>
    public bool IsInterlaced { get; }

    /// <summary>Whether the first bytes of a file are those of a PNG.</summary>
    public static bool IsPng(ReadOnlySpan<byte> start) => start.StartsWith(PngChunks.Signature);

    /// <summary>Reads up to the first row.</summary>
    /// <param name="file">Stands at the signature; stays the caller's.</param>
    /// <exception cref="InvalidDataException">The file is damaged or cut short.</exception>
    public static PngRows Open(Stream file)
    {
        Span<byte> signature = stackalloc byte[8];
        if (file.ReadAtLeast(signature, 8, throwOnEndOfStream: false) < 8 || !IsPng(signature))
        {
            throw new InvalidDataException("It does not start as a PNG file does.");
        }

        Span<byte> name = stackalloc byte[4];
        byte[]? header = null;
        while (true)
        {
            var length = PngDataReader.ReadFrame(file, name);
            if (name.SequenceEqual("IDAT"u8))
            {
                return new PngRows(header ?? throw new InvalidDataException("It has no header."), new PngDataReader(file, length));
            }

            if (name.SequenceEqual("IEND"u8))
            {
                throw new InvalidDataException("It holds no picture.");
            }

            if (!name.SequenceEqual("IHDR"u8))
            {
                // Profiles, texts and palettes aren't needed.
                Skip(file, length + 4L);
                continue;
            }

            if (length is < 13 or > LongestHeader)
            {
                throw new InvalidDataException("Its header is too short.");
            }

            header = new byte[length];
            file.ReadExactly(header);
            PngDataReader.Check(file, PngChunks.Checksum(name, header));
        }
    }

    /// <summary>Decodes the next row.</summary>
    /// <returns>Its samples as they are stored; valid until the next call.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or cut short.</exception>
    public ReadOnlySpan<byte> Read()
    {
        (_row, _above) = (_above, _row);
        if (_rows.ReadAtLeast(_row, _row.Length, throwOnEndOfStream: false) < _row.Length)
        {
            throw new InvalidDataException("Its rows are cut short.");
        }

        Unfilter(_row[0], _row.AsSpan(1), _above.AsSpan(1), Math.Max(1, Channels * Bits / 8));
        if (++_read == Height)
        {
            _data.Finish();
        }

        return _row.AsSpan(1);
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private static void Skip(Stream file, long length)
    {
        if (file.CanSeek)
        {
            file.Seek(length, SeekOrigin.Current);
            return;
        }

        var buffer = new byte[4096];
        while (length > 0 && file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length))) is var read and > 0)
        {
            length -= read;
        }
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
}
