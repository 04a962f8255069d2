using System.IO.Compression;
using HoverFast.Slides;
using HoverFast.Slides.Tiff;

namespace HoverFast.Labels;

/// <summary>Reads grey TIFF files as exact whole numbers: 8, 16 or 32 bits, tiles or strips, uncompressed, deflate, LZW or PackBits.</summary>
internal static class LabelTiffReader
{
    /// <summary>Pixels that a label image may have.</summary>
    public const long MostPixels = 1L << 29;
    private const long MostTilePixels = 1L << 28;

    /// <summary>Reads the first page.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">The size of the picture that is labelled, where it is known.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">The file holds no labels; the message says why.</exception>
    public static LabelImage Read(string path, PixelSize? expected = null)
    {
        using var file = TiffFile.Open(path);
        var page = file.Directories[0];
        var width = page.Number(TiffTag.ImageWidth, 0);
        var height = page.Number(TiffTag.ImageLength, 0);
        ReadingLimits.CheckLabels(new PixelSize(ReadingLimits.Side(width), ReadingLimits.Side(height)), expected, file.Length);

        var bits = (int)page.Number(TiffTag.BitsPerSample, 1);
        var format = page.Number(TiffTag.SampleFormat, 1);
        if (page.Number(TiffTag.SamplesPerPixel, 1) != 1 || bits is not (8 or 16 or 32) || format is not (1 or 2))
        {
            throw new NotSupportedException("It does not hold whole grey numbers of 8, 16 or 32 bits. Save it as such.");
        }

        var compression = (TiffCompression)page.Number(TiffTag.Compression, 1);
        var predictor = compression.TakesPredictor() ? page.Number(TiffTag.Predictor, 1) : 1;
        if (predictor is not (1 or 2))
        {
            throw new NotSupportedException($"Its predictor {predictor} isn't known. Save it with deflate and without a predictor.");
        }

        var tiled = page.Has(TiffTag.TileOffsets);
        var tileWidth = tiled ? page.Number(TiffTag.TileWidth, 0) : width;
        var tileHeight = tiled ? page.Number(TiffTag.TileLength, 0) : Math.Min(height, page.Number(TiffTag.RowsPerStrip, height));
        if (tileWidth <= 0 || tileHeight <= 0 || tileWidth > MostTilePixels / tileHeight)
        {
            throw new InvalidDataException($"Its tiles would have {tileWidth} x {tileHeight} pixels.");
        }

        var offsets = page.Numbers(tiled ? TiffTag.TileOffsets : TiffTag.StripOffsets);
        var lengths = page.Numbers(tiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts);
        var columns = (int)((width + tileWidth - 1) / tileWidth);
        var rows = (int)((height + tileHeight - 1) / tileHeight);
        if (offsets.LongLength < (long)columns * rows || lengths.LongLength < (long)columns * rows)
        {
            throw new InvalidDataException("It does not hold all its tiles.");
        }

        var image = new LabelImage((int)width, (int)height);
        var size = bits / 8;
        var raw = new byte[checked((int)(tileWidth * tileHeight * size))];
        for (var row = 0; row < rows; row++)
        {
            // The last strip may be shorter; tiles are padded.
            var tileRows = (int)(tiled ? tileHeight : Math.Min(tileHeight, height - (row * tileHeight)));
            for (var column = 0; column < columns; column++)
            {
                var i = (row * columns) + column;
                var part = raw.AsSpan(0, (int)tileWidth * tileRows * size);
                Decode(file, compression, offsets[i], lengths[i], part);
                for (var y = 0; y < tileRows && (row * tileHeight) + y < height; y++)
                {
                    var x = column * (int)tileWidth;
                    var target = image.Labels.AsSpan((int)((((row * tileHeight) + y) * width) + x), (int)Math.Min(tileWidth, width - x));
                    Unpack(file, part.Slice(y * (int)tileWidth * size, (int)tileWidth * size), size, predictor == 2, target);
                }
            }
        }

        return image;
    }

    private static void Decode(TiffFile file, TiffCompression compression, long offset, long length, Span<byte> target)
    {
        if (!file.Holds(offset, length))
        {
            throw new InvalidDataException("A tile lies outside the file; it is cut short.");
        }

        var bytes = new byte[checked((int)length)];
        file.Read(offset, bytes);
        switch (compression)
        {
            case TiffCompression.None:
                (bytes.Length >= target.Length ? bytes.AsSpan(0, target.Length) : throw new InvalidDataException("A tile is cut short.")).CopyTo(target);
                break;
            case TiffCompression.AdobeDeflate or TiffCompression.Deflate:
                using (var zlib = new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress))
                {
                    if (zlib.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
                    {
                        throw new InvalidDataException("A tile is cut short.");
                    }
                }

                break;
            case TiffCompression.Lzw:
                Lzw.Decode(bytes, target);
                break;
            case TiffCompression.PackBits:
                PackBits.Decode(bytes, target);
                break;
            default:
                throw new NotSupportedException($"Labels can't be compressed as {compression}. Save it with deflate.");
        }
    }

    private static void Unpack(TiffFile file, ReadOnlySpan<byte> row, int size, bool differences, Span<int> labels)
    {
        var mask = size == 4 ? uint.MaxValue : (1u << (8 * size)) - 1;
        uint before = 0;
        for (var x = 0; x < labels.Length; x++)
        {
            var at = row.Slice(x * size, size);
            var value = size switch { 1 => at[0], 2 => file.ToUInt16(at), _ => file.ToUInt32(at) };
            before = differences ? (before + value) & mask : value;
            labels[x] = before <= int.MaxValue ? (int)before : throw new NotSupportedException($"It holds the label {before}; labels go up to {int.MaxValue}.");
        }
    }
}
