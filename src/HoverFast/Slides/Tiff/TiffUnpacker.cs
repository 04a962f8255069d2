using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;
using ZstdSharp;

namespace HoverFast.Slides.Tiff;

/// <summary>Unpacks the bytes of a tile or strip whose samples are packed without being a JPEG or JPEG 2000 stream.</summary>
internal static class TiffUnpacker
{
    /// <summary>Unpacks them.</summary>
    /// <param name="compression">How they are packed.</param>
    /// <param name="encoded">Holds them.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="raw">Takes the samples as they were stored.</param>
    /// <exception cref="InvalidDataException">They are damaged or too few.</exception>
    /// <exception cref="NotSupportedException">They are packed by a method that isn't known.</exception>
    public static void Unpack(TiffCompression compression, byte[] encoded, int length, Span<byte> raw)
    {
        var data = encoded.AsSpan(0, length);
        switch (compression)
        {
            case TiffCompression.None:
                if (length < raw.Length)
                {
                    throw new InvalidDataException($"It holds {length} bytes where {raw.Length} are needed.");
                }

                data[..raw.Length].CopyTo(raw);
                break;
            case TiffCompression.PackBits:
                PackBits.Decode(data, raw);
                break;
            case TiffCompression.Lzw:
                Lzw.Decode(data, raw);
                break;
            case TiffCompression.AdobeDeflate or TiffCompression.Deflate:
                using (var stream = new ZLibStream(new MemoryStream(encoded, 0, length), CompressionMode.Decompress))
                {
                    ReadWhole(stream, raw);
                }

                break;
            case TiffCompression.Zstandard:
                try
                {
                    using var stream = new DecompressionStream(new MemoryStream(encoded, 0, length));
                    ReadWhole(stream, raw);
                }
                catch (ZstdException e)
                {
                    throw new InvalidDataException($"The Zstandard data is damaged ({e.Message}).", e);
                }

                break;
            default:
                throw new NotSupportedException($"It is compressed as {compression}, which isn't supported.");
        }
    }

    /// <summary>Makes 16-bit samples native and undoes horizontal differencing (TIFF 6.0, section 14).</summary>
    /// <param name="raw">Whole rows of samples.</param>
    /// <param name="row">Samples of a row.</param>
    /// <param name="samples">Samples of a pixel.</param>
    /// <param name="is16Bit">Whether samples take two bytes.</param>
    /// <param name="isSwapped">Whether the file has their bytes in the other order.</param>
    /// <param name="isPredicted">Whether they are differences to the pixel before.</param>
    public static void MakeNative(Span<byte> raw, int row, int samples, bool is16Bit, bool isSwapped, bool isPredicted)
    {
        if (is16Bit)
        {
            var values = MemoryMarshal.Cast<byte, ushort>(raw);
            if (isSwapped)
            {
                BinaryPrimitives.ReverseEndianness(values, values);
            }

            if (isPredicted)
            {
                AddUp(values, row, samples);
            }
        }
        else if (isPredicted)
        {
            AddUp(raw, row, samples);
        }
    }

    private static void AddUp<T>(Span<T> values, int row, int samples)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (; values.Length >= row; values = values[row..])
        {
            for (var i = samples; i < row; i++)
            {
                values[i] += values[i - samples];
            }
        }
    }

    /// <summary>Turns the bits of every byte around, as FillOrder 2 stores them.</summary>
    public static void MirrorBits(Span<byte> bytes)
    {
        foreach (ref var b in bytes)
        {
            b = (byte)(((b * 0x0202020202UL) & 0x010884422010UL) % 1023);
        }
    }

    private static void ReadWhole(Stream stream, Span<byte> destination)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
        {
            throw new InvalidDataException("The compressed data ends too early.");
        }
    }
}
