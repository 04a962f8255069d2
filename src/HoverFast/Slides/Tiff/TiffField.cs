using System.Buffers.Binary;
using System.Text;

namespace HoverFast.Slides.Tiff;

/// <summary>A field of a directory to be written.</summary>
/// <param name="Tag">Its number.</param>
/// <param name="Type">The values' type, by TIFF's numbers.</param>
/// <param name="Count">How many values.</param>
/// <param name="Values">Their bytes, little-endian.</param>
internal sealed record TiffField(ushort Tag, ushort Type, long Count, byte[] Values)
{
    /// <summary>TIFF's number for 32-bit values.</summary>
    public const ushort LongType = 4;

    private const ushort TextType = 2;
    private const ushort ShortType = 3;
    private const ushort FractionType = 5;

    /// <summary>16-bit values.</summary>
    public static TiffField Short(ushort tag, params ReadOnlySpan<ushort> values)
    {
        var bytes = new byte[2 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), values[i]);
        }

        return new TiffField(tag, ShortType, values.Length, bytes);
    }

    /// <summary>A 32-bit value.</summary>
    public static TiffField Long(ushort tag, int value) => new(tag, LongType, 1, Four(value));

    /// <summary>Text, which ends with a zero.</summary>
    public static TiffField Text(ushort tag, string text)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(text), 0];
        return new TiffField(tag, TextType, bytes.Length, bytes);
    }

    /// <summary>A number in thousandths.</summary>
    public static TiffField Thousandths(ushort tag, double value) => new(tag, FractionType, 1, [.. Four((int)(uint)Math.Round(value * 1000)), .. Four(1000)]);

    /// <summary>The fields of a pixel size.</summary>
    public static IReadOnlyList<TiffField> Resolution(Mpp mpp)
    {
        const ushort Centimetre = 3;
        var perCentimetre = 1e4 / mpp.MicronsPerPixel;
        return
        [
            Thousandths(TiffTag.XResolution, perCentimetre),
            Thousandths(TiffTag.YResolution, perCentimetre),
            Short(TiffTag.ResolutionUnit, Centimetre),
        ];
    }

    private static byte[] Four(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
