using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace HoverFast.Slides.Jpeg2000;

/// <summary>
/// Decodes JPEG 2000 (ITU-T T.800, the parts that slide scanners use): 5/3 and 9/7 wavelets, all progression orders, layers, precincts, tiles
/// and subsampled components. Always at full size: leaving out wavelet levels would be quicker, but the samples that remain lie half a pixel off the
/// centre of the area that they stand for, and outlines would move with them. Thread safe.
/// </summary>
internal static class Jpeg2000Decoder
{
    private const int MostTiles = 65535;

    private static readonly ConcurrentBag<BlockDecoder> _idle = [];

    /// <summary>How three components are to be read when the stream itself doesn't mix them.</summary>
    public enum Colour
    {
        /// <summary>R, G, B.</summary>
        Rgb,

        /// <summary>Y, Cb, Cr.</summary>
        YCbCr,

        /// <summary>Y, Cb, Cr, which the stream mixes as if they were R, G, B (libvips does).</summary>
        MixedYCbCr,
    }

    /// <summary>Reads the picture's size.</summary>
    /// <exception cref="InvalidDataException">The header is damaged.</exception>
    public static PixelSize ReadSize(ReadOnlySpan<byte> data) => CodestreamHeader.Read(Codestream(data)).Size;

    /// <summary>Reads the picture's size and the number of its components.</summary>
    /// <exception cref="InvalidDataException">The header is damaged.</exception>
    public static (int Width, int Height, int Components) ReadFrame(ReadOnlySpan<byte> data)
    {
        var header = CodestreamHeader.Read(Codestream(data));
        return (header.Size.Width, header.Size.Height, header.Components.Length);
    }

    /// <summary>Decodes a picture to RGB.</summary>
    /// <param name="data">A codestream, or a JP2 file that holds one.</param>
    /// <param name="colour">Meaning of unmixed components.</param>
    /// <param name="rgb">Takes the pixels.</param>
    /// <param name="stride">Bytes from one row of <paramref name="rgb"/> to the next.</param>
    /// <exception cref="InvalidDataException">The data is damaged or cut short.</exception>
    public static void Decode(ReadOnlySpan<byte> data, Colour colour, Span<byte> rgb, int stride) =>
        Decode(data, colour, rgb, stride, OpenJpegDecoder.Installed);

    /// <summary>As above, by a given library or by the decoder that comes along.</summary>
    /// <param name="data">A codestream, or a JP2 file that holds one.</param>
    /// <param name="colour">Meaning of unmixed components.</param>
    /// <param name="rgb">Takes the pixels.</param>
    /// <param name="stride">Bytes from one row of <paramref name="rgb"/> to the next.</param>
    /// <param name="library">OpenJPEG, or null.</param>
    internal static void Decode(ReadOnlySpan<byte> data, Colour colour, Span<byte> rgb, int stride, OpenJpegDecoder? library)
    {
        var stream = Codestream(data);
        var header = CodestreamHeader.Read(stream);
        if (header.Components.Length == 2)
        {
            throw new NotSupportedException("The JPEG 2000 data has 2 components; 1, 3 and 4 are supported.");
        }

        if (library is not null)
        {
            DecodeByLibrary(library, stream, header, colour, rgb, stride);
            return;
        }

        var tiles = ReadTiles(header, stream);
        if (!_idle.TryTake(out var decoder))
        {
            decoder = new BlockDecoder();
        }

        try
        {
            foreach (var tile in tiles)
            {
                DecodeTile(header, tile, decoder, colour, rgb, stride);
            }
        }
        finally
        {
            _idle.Add(decoder);
        }
    }

    /// <summary>The codestream inside a JP2 file (T.800 annex I), or the data itself.</summary>
    private static ReadOnlySpan<byte> Codestream(ReadOnlySpan<byte> data)
    {
        if (data.Length < 12 || !data[4..8].SequenceEqual("jP  "u8))
        {
            return data;
        }

        while (data.Length >= 8)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(data);
            var header = 8;
            if (length == 1 && data.Length >= 16)
            {
                length = (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(data[8..]), int.MaxValue);
                header = 16;
            }

            if (length == 0 || length > data.Length)
            {
                length = data.Length;
            }

            if (length < header)
            {
                break;
            }

            if (data[4..8].SequenceEqual("jp2c"u8))
            {
                return data[header..(int)length];
            }

            data = data[(int)length..];
        }

        throw new InvalidDataException("The JPEG 2000 file holds no picture.");
    }

    private static TileDecoder[] ReadTiles(CodestreamHeader header, ReadOnlySpan<byte> stream)
    {
        var count = (long)header.TileColumns * header.TileRows;
        if (count > MostTiles)
        {
            throw new InvalidDataException("The JPEG 2000 data is cut into absurdly many tiles.");
        }

        var tiles = new TileDecoder?[count];
        var blocks = 0L;
        var at = header.End;
        while (at + 12 <= stream.Length && stream[at] == 0xFF && stream[at + 1] == 0x90)
        {
            var index = BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 4)..]);
            var length = BinaryPrimitives.ReadUInt32BigEndian(stream[(at + 6)..]);
            var end = length == 0 ? stream.Length : at + (long)length;
            if (index >= count || end > stream.Length || (length != 0 && length < 14))
            {
                throw new InvalidDataException("The JPEG 2000 data is cut short or damaged.");
            }

            var (styles, quantisations) = ((CodingStyle[])header.Styles.Clone(), (Quantisation[])header.Quantisations.Clone());
            var start = ReadTileHeader(header, stream[..(int)end], at + 12, styles, quantisations);
            tiles[index] ??= new TileDecoder(header, index, styles, quantisations, ref blocks);
            tiles[index]!.ReadPackets(stream[start..(int)end]);
            at = (int)end;
        }

        return [.. tiles.Select(t => t ?? throw new InvalidDataException("The JPEG 2000 data is cut short: tiles are missing."))];
    }

    /// <summary>Reads up to the start of the packets.</summary>
    private static int ReadTileHeader(CodestreamHeader header, ReadOnlySpan<byte> part, int at, CodingStyle[] styles, Quantisation[] quantisations)
    {
        var own = new List<(byte Marker, int Start, int Length)>();
        while (at + 2 <= part.Length && part[at] == 0xFF)
        {
            var marker = part[at + 1];
            if (marker == 0x93)
            {
                foreach (var (of, start, bytes) in own)
                {
                    header.ReadSegment(of, part.Slice(start, bytes), styles, quantisations);
                }

                return at + 2;
            }

            if (at + 4 > part.Length)
            {
                break;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(part[(at + 2)..]);
            if (length < 2 || at + 2 + length > part.Length)
            {
                break;
            }

            if (CodestreamHeader.IsOfOneComponent(marker))
            {
                own.Add((marker, at + 4, length - 2));
            }
            else
            {
                header.ReadSegment(marker, part.Slice(at + 4, length - 2), styles, quantisations);
            }

            at += 2 + length;
        }

        throw new InvalidDataException("The header of a tile of the JPEG 2000 data is damaged.");
    }

    private static void DecodeTile(CodestreamHeader header, TileDecoder tile, BlockDecoder decoder, Colour colour, Span<byte> rgb, int stride)
    {
        var used = header.Components.Length >= 3 ? 3 : 1;
        var planes = new TileDecoder.Plane[used];
        for (var c = 0; c < used; c++)
        {
            planes[c] = tile.DecodeComponent(c, decoder);
        }

        if (used == 3 && tile.MixesComponents)
        {
            if (planes.Any(p => p.Samples.Length != planes[0].Samples.Length))
            {
                throw new InvalidDataException("The JPEG 2000 data mixes components of different sizes.");
            }

            Unmix(planes[0].Samples, planes[1].Samples, planes[2].Samples, tile.IsReversible);
        }

        var (x0, x1) = (tile.X0, tile.X1);
        var convert = IsYCbCr(header, tile.MixesComponents, colour);
        for (var y = tile.Y0; y < tile.Y1; y++)
        {
            var row = rgb.Slice(((y - header.Y0) * stride) + ((x0 - header.X0) * 3), (x1 - x0) * 3);
            for (var c = 0; c < used; c++)
            {
                WriteSamples(header.Components[c], planes[c], y, x0, x1, row, c);
            }

            FinishRow(row, used, convert);
        }
    }

    private static void DecodeByLibrary(OpenJpegDecoder library, ReadOnlySpan<byte> stream, CodestreamHeader header, Colour colour, Span<byte> rgb, int stride)
    {
        if ((long)header.TileColumns * header.TileRows > MostTiles)
        {
            throw new InvalidDataException("The JPEG 2000 data is cut into absurdly many tiles.");
        }

        var size = header.Size;
        var used = header.Components.Length >= 3 ? 3 : 1;
        var planes = ArrayPool<byte>.Shared.Rent(checked(size.Width * size.Height * used));
        try
        {
            library.Decode(stream, header, (c, samples, width, height) =>
            {
                if (c < used)
                {
                    TakePlane(header, c, samples, width, height, planes.AsSpan(c * size.Width * size.Height, size.Width * size.Height));
                }
            });
            var convert = IsYCbCr(header, header.Styles[0].MixesComponents, colour);
            for (var y = 0; y < size.Height; y++)
            {
                var row = rgb.Slice(y * stride, size.Width * 3);
                for (var c = 0; c < used; c++)
                {
                    var from = planes.AsSpan(((c * size.Height) + y) * size.Width, size.Width);
                    for (int x = 0, o = c; x < from.Length; x++, o += 3)
                    {
                        row[o] = from[x];
                    }
                }

                FinishRow(row, used, convert);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
        }
    }

    /// <summary>Brings a component to 8 bits and to the picture's size.</summary>
    private static void TakePlane(CodestreamHeader header, int index, ReadOnlySpan<int> samples, int width, int height, Span<byte> plane)
    {
        var component = header.Components[index];
        var size = header.Size;
        var largest = (1 << component.Bits) - 1;

        // The library hands signed samples over as they are, around 0.
        var offset = component.IsSigned ? 1 << (component.Bits - 1) : 0;
        for (var y = 0; y < size.Height; y++)
        {
            var line = Math.Clamp(((y + header.Y0) / component.StepY) - CeilingDivide(header.Y0, component.StepY), 0, height - 1);
            var from = samples.Slice(line * width, width);
            var to = plane.Slice(y * size.Width, size.Width);
            for (var x = 0; x < to.Length; x++)
            {
                var at =
                    component.StepX == 1
                        ? Math.Min(x, width - 1)
                        : Math.Clamp(((x + header.X0) / component.StepX) - CeilingDivide(header.X0, component.StepX), 0, width - 1);
                var value = Math.Clamp(from[at] + offset, 0, largest);
                to[x] = (byte)(component.Bits == 8 ? value : component.Bits < 8 ? ((value * 255) + (largest / 2)) / largest : value >> (component.Bits - 8));
            }
        }
    }

    private static int CeilingDivide(int value, int divisor) => (value + divisor - 1) / divisor;

    private static bool IsYCbCr(CodestreamHeader header, bool isMixed, Colour colour)
    {
        if (header.Components.Length < 3)
        {
            return false;
        }

        // Chroma that is stored smaller is chroma, whatever was said of it.
        var (first, second) = (header.Components[0], header.Components[1]);
        return colour == Colour.MixedYCbCr || (!isMixed && (colour == Colour.YCbCr || (first.StepX, first.StepY) != (second.StepX, second.StepY)));
    }

    private static void FinishRow(Span<byte> row, int components, bool convert)
    {
        if (components == 1)
        {
            for (var i = 0; i < row.Length; i += 3)
            {
                row[i + 1] = row[i];
                row[i + 2] = row[i];
            }
        }
        else if (convert)
        {
            YCbCrToRgb(row);
        }
    }

    private static void WriteSamples(CodestreamHeader.Component component, TileDecoder.Plane plane, int y, int x0, int x1, Span<byte> row, int channel)
    {
        if (plane.Samples.Length == 0)
        {
            return;
        }

        // Signed samples lie around 0 as they are stored, unsigned ones are brought there by the encoder.
        var offset = 1 << (component.Bits - 1);
        var scale = component.Bits <= 8 ? 255f / ((1 << component.Bits) - 1) : 1f / (1 << (component.Bits - 8));
        var from = plane.Samples.AsSpan(Math.Clamp((y / component.StepY) - plane.Y0, 0, plane.Height - 1) * plane.Width, plane.Width);
        var rounding = component.Bits <= 8 ? 0.5f : 0;
        if (component.StepX == 1 && x0 == plane.X0 && plane.Width >= x1 - x0)
        {
            for (int x = 0, o = channel; o < row.Length; x++, o += 3)
            {
                row[o] = (byte)Math.Clamp(((from[x] + offset) * scale) + rounding, 0, 255);
            }

            return;
        }

        for (var x = x0; x < x1; x++)
        {
            var value = from[Math.Clamp((x / component.StepX) - plane.X0, 0, plane.Width - 1)];
            row[((x - x0) * 3) + channel] = (byte)Math.Clamp(((value + offset) * scale) + rounding, 0, 255);
        }
    }

    /// <summary>Undoes the component transform (T.800 annex G).</summary>
    private static void Unmix(Span<float> a, Span<float> b, Span<float> c, bool isReversible)
    {
        for (var i = 0; i < a.Length; i++)
        {
            var (y, u, v) = (a[i], b[i], c[i]);
            if (isReversible)
            {
                var green = y - MathF.Floor((u + v) * 0.25f);
                (a[i], b[i], c[i]) = (v + green, green, u + green);
            }
            else
            {
                (a[i], b[i], c[i]) = (y + (1.402f * v), y - (0.344136f * u) - (0.714136f * v), y + (1.772f * u));
            }
        }
    }

    /// <summary>Turns Y, Cb, Cr (full range, ITU-R BT.601) into R, G, B.</summary>
    internal static void YCbCrToRgb(Span<byte> row)
    {
        for (var i = 0; i + 2 < row.Length; i += 3)
        {
            var (y, u, v) = ((float)row[i], row[i + 1] - 128f, row[i + 2] - 128f);
            row[i] = (byte)Math.Clamp(y + (1.402f * v) + 0.5f, 0, 255);
            row[i + 1] = (byte)Math.Clamp(y - (0.344136f * u) - (0.714136f * v) + 0.5f, 0, 255);
            row[i + 2] = (byte)Math.Clamp(y + (1.772f * u) + 0.5f, 0, 255);
        }
    }
}
