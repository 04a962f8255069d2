using System.Buffers.Binary;

namespace HoverFast.Slides.Jpeg;

/// <summary>The markers of a JPEG stream (ITU-T T.81 annex B): what a decoder will make of it, and what it must be told.</summary>
internal static class JpegStream
{
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte Comment = 0xFE;

    /// <summary>Bytes of the start and of the Adobe segment that <see cref="Merge"/> puts in front.</summary>
    private const int PreambleLength = 2 + 16;

    /// <summary>How the three components of a stream are to be read.</summary>
    public enum Colour
    {
        /// <summary>As the decoder guesses from the stream.</summary>
        Unsaid,

        /// <summary>Components are R, G, B.</summary>
        Rgb,

        /// <summary>Components are Y, Cb, Cr.</summary>
        YCbCr,
    }

    /// <summary>Width, height and number of components, from the frame header.</summary>
    /// <exception cref="InvalidDataException">There is no frame header.</exception>
    public static (int Width, int Height, int Components) ReadFrame(ReadOnlySpan<byte> stream)
    {
        if (stream.Length < 4 || stream[0] != 0xFF || stream[1] != StartOfImage)
        {
            throw new InvalidDataException("The JPEG data doesn't start as JPEG does.");
        }

        for (var at = 2; TrySegment(stream, ref at, out var marker, out var end); at = end)
        {
            if (marker is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC)
            {
                if (end - at < 10)
                {
                    break;
                }

                var height = BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 5)..]);
                var width = BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 7)..]);
                if (width == 0 || height == 0)
                {
                    throw new InvalidDataException("The JPEG data states a size of 0.");
                }

                return (width, height, stream[at + 9]);
            }

            if (marker is StartOfScan or EndOfImage)
            {
                break;
            }
        }

        throw new InvalidDataException("The JPEG data has no frame header.");
    }

    /// <summary>
    /// What a stream itself says of its colours: JFIF and Adobe segments, components called R, G and B, or chroma that is stored smaller. The
    /// order is that of libjpeg.
    /// </summary>
    /// <param name="tables">Tables that stand apart, or empty.</param>
    /// <param name="stream">The stream.</param>
    /// <returns><see cref="Colour.Unsaid"/> where it says nothing.</returns>
    public static Colour StatedColour(ReadOnlySpan<byte> tables, ReadOnlySpan<byte> stream)
    {
        var (jfif, adobe, frame) = (false, Colour.Unsaid, Colour.Unsaid);
        Look(tables, ref jfif, ref adobe, ref frame);
        Look(stream, ref jfif, ref adobe, ref frame);
        return jfif ? Colour.YCbCr : adobe != Colour.Unsaid ? adobe : frame;
    }

    private static void Look(ReadOnlySpan<byte> stream, ref bool jfif, ref Colour adobe, ref Colour frame)
    {
        for (var at = 2; TrySegment(stream, ref at, out var marker, out var end); at = end)
        {
            var content = end - at > 4 ? stream[(at + 4)..end] : [];
            if (marker == 0xE0 && content.StartsWith("JFIF\0"u8))
            {
                jfif = true;
            }
            else if (marker == 0xEE && content.Length >= 12 && content.StartsWith("Adobe"u8))
            {
                adobe = content[11] == 0 ? Colour.Rgb : Colour.YCbCr;
            }
            else if (marker is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC && content.Length >= 15 && content[5] == 3)
            {
                frame = content[7] != content[10] || content[7] != content[13] ? Colour.YCbCr
                    : (content[6], content[9], content[12]) is ((byte)'R', (byte)'G', (byte)'B') ? Colour.Rgb
                    : Colour.Unsaid;
            }
            else if (marker is StartOfScan or EndOfImage)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Makes a stream that any decoder reads alike: the abbreviated tables of a TIFF in front of the tile's data, all application
    /// segments dropped, and an Adobe segment (APP14) that states the colour. The TIFF's photometric tag decides, not the decoder's guess.
    /// </summary>
    /// <param name="tables">The TIFF's JPEGTables, or empty.</param>
    /// <param name="stream">The tile's data.</param>
    /// <param name="colour">How to read three components.</param>
    /// <param name="destination">At least <see cref="MergedLength"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int Merge(ReadOnlySpan<byte> tables, ReadOnlySpan<byte> stream, Colour colour, Span<byte> destination)
    {
        destination[0] = 0xFF;
        destination[1] = StartOfImage;
        var length = 2;
        if (colour != Colour.Unsaid)
        {
            ReadOnlySpan<byte> adobe =
            [
                0xFF, 0xEE, 0, 14, (byte)'A', (byte)'d', (byte)'o', (byte)'b', (byte)'e', 0, 100, 0, 0, 0, 0,
                colour == Colour.YCbCr ? (byte)1 : (byte)0,
            ];
            adobe.CopyTo(destination[length..]);
            length += adobe.Length;
        }

        var keepApplication = colour == Colour.Unsaid;
        CopySegments(tables, keepApplication, destination, ref length);
        CopySegments(stream, keepApplication, destination, ref length);
        return length;
    }

    /// <summary>The most bytes that <see cref="Merge"/> writes.</summary>
    public static int MergedLength(int tables, int stream) => PreambleLength + tables + stream;

    /// <summary>Copies the segments between the start and end markers; from the first scan on, everything.</summary>
    private static void CopySegments(ReadOnlySpan<byte> source, bool keepApplication, Span<byte> destination, ref int length)
    {
        if (source.Length < 2 || source[0] != 0xFF || source[1] != StartOfImage)
        {
            return;
        }

        for (var at = 2; TrySegment(source, ref at, out var marker, out var end); at = end)
        {
            if (marker == EndOfImage)
            {
                return;
            }

            var isApplication = marker is >= 0xE0 and <= 0xEF or Comment;
            var part = marker == StartOfScan ? source[at..] : source[at..end];
            if (!isApplication || keepApplication)
            {
                part.CopyTo(destination[length..]);
                length += part.Length;
            }

            if (marker == StartOfScan)
            {
                return;
            }
        }
    }

    /// <summary>Finds the segment at a position, which moves on to its marker where fill bytes stand before it.</summary>
    private static bool TrySegment(ReadOnlySpan<byte> stream, ref int at, out byte marker, out int end)
    {
        marker = 0;
        end = at;
        if (at + 2 > stream.Length || stream[at] != 0xFF)
        {
            return false;
        }

        // Any number of fill bytes may stand before a marker (T.81, B.1.1.2).
        var fill = stream[(at + 1)..].IndexOfAnyExcept((byte)0xFF);
        if (fill < 0)
        {
            return false;
        }

        at += fill;
        marker = stream[at + 1];
        end = at + 2;
        if (marker == EndOfImage)
        {
            return true;
        }

        if (at + 4 > stream.Length)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 2)..]);
        end += length;
        return length >= 2 && end <= stream.Length;
    }
}
