using System.Buffers;
using HoverFast.Slides.Jpeg;
using HoverFast.Slides.Jpeg2000;

namespace HoverFast.Slides.Tiff;

/// <summary>Decodes tiles and strips that are JPEG or JPEG 2000 streams.</summary>
/// <param name="compression">Which of them.</param>
/// <param name="samples">How the page's pixels are stored.</param>
/// <param name="tables">The page's JPEG tables (tag 347), which its streams lack; none for streams that are whole.</param>
/// <param name="tileSize">Pixels of a tile or strip.</param>
internal sealed class TiffStreams(TiffCompression compression, TiffSamples samples, byte[] tables, PixelSize tileSize)
{
    /// <summary>Decodes all samples of a tile to RGB; what the stream doesn't hold of the tile becomes white.</summary>
    /// <param name="data">The stream.</param>
    /// <param name="reduction">How many times smaller, each way: one of the JPEG decoder's; 1 for JPEG 2000.</param>
    /// <param name="rgb">Takes the pixels.</param>
    /// <exception cref="InvalidDataException">The stream is damaged, or larger than a tile.</exception>
    public void Decode(ReadOnlySpan<byte> data, int reduction, Span<byte> rgb)
    {
        if (compression.IsJpeg2000())
        {
            DecodeJpeg2000(data, rgb);
        }
        else
        {
            DecodeJpeg(data, reduction, rgb);
        }

        if (samples is { Photometric: 0, Count: 1 })
        {
            Invert(rgb);
        }
    }

    /// <summary>The tile as a JPEG file of its own; null where it isn't a whole tile of three components.</summary>
    public byte[]? JpegOf(ReadOnlySpan<byte> data)
    {
        var merged = ArrayPool<byte>.Shared.Rent(JpegStream.MergedLength(tables.Length, data.Length));
        try
        {
            var stream = merged.AsSpan(0, Merge(data, merged));
            return JpegStream.ReadFrame(stream) == (tileSize.Width, tileSize.Height, 3) ? stream.ToArray() : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(merged);
        }
    }

    /// <summary>Puts tables, colour and data together (<see cref="JpegStream.Merge"/>).</summary>
    private int Merge(ReadOnlySpan<byte> data, Span<byte> merged)
    {
        // The tag decides, unless the stream itself is plain: then the tag is wrong.
        var colour = JpegStream.StatedColour(tables, data);
        if (colour == JpegStream.Colour.Unsaid)
        {
            colour = samples.Photometric == 6 ? JpegStream.Colour.YCbCr : JpegStream.Colour.Rgb;
        }

        return JpegStream.Merge(tables, data, colour, merged);
    }

    private void DecodeJpeg(ReadOnlySpan<byte> data, int reduction, Span<byte> rgb)
    {
        var merged = ArrayPool<byte>.Shared.Rent(JpegStream.MergedLength(tables.Length, data.Length));
        try
        {
            var stream = merged.AsSpan(0, Merge(data, merged));
            var (width, height, components) = JpegStream.ReadFrame(stream);
            if (components is not (1 or 3))
            {
                throw new NotSupportedException($"The JPEG data has {components} components; 1 and 3 are supported.");
            }

            if (width > tileSize.Width || height > tileSize.Height)
            {
                throw new InvalidDataException($"The JPEG data has {width} x {height} pixels where {tileSize} are expected.");
            }

            // The last strip, and edge tiles of some writers, hold less than a whole tile.
            if (width < tileSize.Width || height < tileSize.Height)
            {
                rgb.Fill(255);
            }

            JpegDecoder.Best.Decode(stream, width, height, reduction, rgb, (tileSize.Width + reduction - 1) / reduction * 3);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(merged);
        }
    }

    private void DecodeJpeg2000(ReadOnlySpan<byte> data, Span<byte> rgb)
    {
        var size = Jpeg2000Decoder.ReadSize(data);
        if (size.Width > tileSize.Width || size.Height > tileSize.Height)
        {
            throw new InvalidDataException($"The JPEG 2000 data has {size} pixels where {tileSize} are expected.");
        }

        if (size != tileSize)
        {
            rgb.Fill(255);
        }

        var colour = compression switch
        {
            TiffCompression.VipsJpeg2000 => Jpeg2000Decoder.Colour.MixedYCbCr,
            TiffCompression.AperioJpeg2000YCbCr => Jpeg2000Decoder.Colour.YCbCr,
            _ => compression == TiffCompression.Jpeg2000 && samples.Photometric == 6 ? Jpeg2000Decoder.Colour.YCbCr : Jpeg2000Decoder.Colour.Rgb,
        };
        Jpeg2000Decoder.Decode(data, colour, rgb, tileSize.Width * 3);
    }

    /// <summary>Decodes a plane that is a JPEG or JPEG 2000 stream of its own, of one component.</summary>
    /// <param name="data">The stream.</param>
    /// <param name="height">Rows of the tile or strip.</param>
    /// <param name="plane">Takes its samples.</param>
    /// <exception cref="InvalidDataException">The stream is damaged.</exception>
    /// <exception cref="NotSupportedException">It has several components, or another size.</exception>
    public void DecodePlane(ReadOnlySpan<byte> data, int height, Span<byte> plane)
    {
        var (width, rows, components) = compression.IsJpeg2000() ? Jpeg2000Decoder.ReadFrame(data) : JpegStream.ReadFrame(data);
        if (components != 1)
        {
            throw new NotSupportedException($"A plane of one sample a pixel holds a stream of {components} components.");
        }

        // Cb and Cr may be stored smaller, each plane in a size of its own.
        if (width != tileSize.Width || rows < height)
        {
            throw new NotSupportedException(
                $"One of its planes has {width} x {rows} pixels where {tileSize.Width} x {height} are expected; planes of one size are supported.");
        }

        var length = checked((int)tileSize.Area * 3);
        var shades = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            if (compression.IsJpeg2000())
            {
                DecodeJpeg2000(data, shades.AsSpan(0, length));
            }
            else
            {
                DecodeJpeg(data, 1, shades.AsSpan(0, length));
            }

            for (int i = 0, o = 0; i < plane.Length; i++, o += 3)
            {
                plane[i] = shades[o];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(shades);
        }
    }

    /// <summary>Gray whose 0 is white.</summary>
    private static void Invert(Span<byte> rgb)
    {
        foreach (ref var value in rgb)
        {
            value ^= 255;
        }
    }
}
