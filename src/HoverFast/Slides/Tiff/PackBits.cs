namespace HoverFast.Slides.Tiff;

/// <summary>TIFF's byte-run compression (TIFF 6.0, section 9).</summary>
internal static class PackBits
{
    /// <summary>Fills the destination; surplus input is ignored.</summary>
    /// <exception cref="InvalidDataException">The input ends too early.</exception>
    public static void Decode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var at = 0;
        while (destination.Length > 0)
        {
            if (at >= source.Length)
            {
                throw new InvalidDataException("The PackBits data ends too early.");
            }

            var control = (sbyte)source[at++];
            if (control == -128)
            {
                continue;
            }

            var length = Math.Min(control >= 0 ? control + 1 : 1 - control, destination.Length);
            if (control >= 0)
            {
                if (source.Length - at < length)
                {
                    throw new InvalidDataException("The PackBits data ends too early.");
                }

                source.Slice(at, length).CopyTo(destination);
                at += length;
            }
            else
            {
                if (at >= source.Length)
                {
                    throw new InvalidDataException("The PackBits data ends too early.");
                }

                destination[..length].Fill(source[at++]);
            }

            destination = destination[length..];
        }
    }
}
