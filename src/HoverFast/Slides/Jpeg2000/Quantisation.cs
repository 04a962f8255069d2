using System.Buffers.Binary;

namespace HoverFast.Slides.Jpeg2000;

/// <summary>How a component's coefficients are quantised (T.800 A.6.4).</summary>
internal sealed class Quantisation
{
    private readonly int[] _exponents;
    private readonly int[] _mantissas;
    private readonly bool _isDerived;

    private Quantisation(int guardBits, int[] exponents, int[] mantissas, bool isDerived)
    {
        GuardBits = guardBits;
        _exponents = exponents;
        _mantissas = mantissas;
        _isDerived = isDerived;
    }

    /// <summary>Bits kept free against overflow.</summary>
    public int GuardBits { get; }

    /// <summary>Reads the segment.</summary>
    public static Quantisation Read(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 2)
        {
            throw new InvalidDataException("The quantisation of the JPEG 2000 data is cut short.");
        }

        var style = segment[0] & 31;
        var values = segment[1..];
        var guard = segment[0] >> 5;
        if (style == 0)
        {
            var exponents = new int[values.Length];
            for (var i = 0; i < exponents.Length; i++)
            {
                exponents[i] = values[i] >> 3;
            }

            return new Quantisation(guard, exponents, new int[exponents.Length], false);
        }

        if (style > 2 || values.Length < 2)
        {
            throw new InvalidDataException("The quantisation of the JPEG 2000 data is damaged.");
        }

        var count = style == 1 ? 1 : values.Length / 2;
        var (e, m) = (new int[count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            var value = BinaryPrimitives.ReadUInt16BigEndian(values[(i * 2)..]);
            (e[i], m[i]) = (value >> 11, value & 0x7FF);
        }

        return new Quantisation(guard, e, m, style == 1);
    }

    /// <summary>Exponent and mantissa of a band.</summary>
    /// <param name="band">0 for LL, then HL, LH, HH of each resolution from the coarsest on.</param>
    public (int Exponent, int Mantissa) Of(int band)
    {
        if (_isDerived)
        {
            return (Math.Max(0, _exponents[0] - (band == 0 ? 0 : (band - 1) / 3)), _mantissas[0]);
        }

        return band < _exponents.Length
            ? (_exponents[band], _mantissas[band])
            : throw new InvalidDataException("The quantisation of the JPEG 2000 data has too few bands.");
    }
}
