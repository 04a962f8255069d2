using System.Buffers.Binary;
using System.IO.Compression;
using HoverFast.Slides;
using HoverFast.Slides.Png;

namespace HoverFast.Labels.Png;

/// <summary>
/// Grey PNG pictures as exact whole numbers. Picture libraries reduce 16-bit grey to 8 bits, which would merge labels.
/// </summary>
internal static class GrayPng
{
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
    /// <param name="file">Stands at the start.</param>
    /// <param name="expected">The size of the picture that is labelled, where it is known.</param>
    /// <exception cref="InvalidDataException">The file is damaged or cut short.</exception>
    /// <exception cref="NotSupportedException">The file is in colour or interlaced; the message says what to do.</exception>
    public static LabelImage Read(Stream file, PixelSize? expected = null)
    {
        using var rows = PngRows.Open(file);
        ReadingLimits.CheckLabels(new PixelSize(rows.Width, rows.Height), expected, file.Length);

        if (rows.ColourType is not (PngRows.Gray or PngRows.Palette))
        {
            throw new NotSupportedException("It is in colour, but labels are grey numbers. Save it as 16-bit grey.");
        }

        if (rows.IsInterlaced)
        {
            throw new NotSupportedException("It is interlaced, which label images need not be. Save it without interlacing.");
        }

        var image = new LabelImage(rows.Width, rows.Height);
        for (var y = 0; y < rows.Height; y++)
        {
            Unpack(rows.Read(), rows.Bits, image.Labels.AsSpan(y * rows.Width, rows.Width));
        }

        return image;
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
}
