namespace HoverFast.Slides.Tiff;

/// <summary>
/// TIFF's Lempel-Ziv-Welch (TIFF 6.0, section 13), and the form of writers before 1990, which packs bits from the low end and widens
/// codes one later. A table entry is a place in the output already written, so that no strings are stored.
/// </summary>
internal static class Lzw
{
    private const int Clear = 256;
    private const int End = 257;
    private const int MostCodes = 4096;

    /// <summary>Fills the destination; surplus input is ignored.</summary>
    /// <exception cref="InvalidDataException">The input is damaged or ends too early.</exception>
    public static void Decode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var old = source.Length >= 2 && source[0] == 0 && (source[1] & 1) != 0;
        Span<int> start = stackalloc int[MostCodes];
        Span<int> lengths = stackalloc int[MostCodes];
        var next = 258;
        var width = 9;
        var at = 0;
        var bits = 0;
        var buffer = 0u;
        var written = 0;
        var previousStart = -1;
        var previousLength = 0;

        while (written < destination.Length)
        {
            while (bits < width)
            {
                if (at >= source.Length)
                {
                    throw new InvalidDataException("The LZW data ends too early.");
                }

                buffer = old ? buffer | ((uint)source[at++] << bits) : (buffer << 8) | source[at++];
                bits += 8;
            }

            int code;
            if (old)
            {
                code = (int)(buffer & ((1u << width) - 1));
                buffer >>= width;
            }
            else
            {
                code = (int)((buffer >> (bits - width)) & ((1u << width) - 1));
            }

            bits -= width;
            if (code == Clear)
            {
                next = 258;
                width = 9;
                previousStart = -1;
                continue;
            }

            if (code == End)
            {
                throw new InvalidDataException("The LZW data ends too early.");
            }

            int from;
            int length;
            if (code < 256)
            {
                from = -1;
                length = 1;
            }
            else if (code < next)
            {
                from = start[code];
                length = lengths[code];
            }
            else if (code == next && previousStart >= 0)
            {
                // The one code that may be used before it is known: the previous string and its first byte again.
                from = previousStart;
                length = previousLength + 1;
            }
            else
            {
                throw new InvalidDataException("The LZW data is damaged.");
            }

            if (previousStart >= 0 && next < MostCodes)
            {
                // The previous string and the byte after it, which this code is about to write there.
                start[next] = previousStart;
                lengths[next] = previousLength + 1;
                next++;
                if (next + (old ? 0 : 1) >= 1 << width && width < 12)
                {
                    width++;
                }
            }

            var fits = Math.Min(length, destination.Length - written);
            if (from < 0)
            {
                destination[written] = (byte)code;
            }
            else
            {
                // Byte by byte: the string may overlap what it writes.
                for (var i = 0; i < fits; i++)
                {
                    destination[written + i] = destination[from + i];
                }
            }

            previousStart = written;
            previousLength = length;
            written += fits;
        }
    }
}
