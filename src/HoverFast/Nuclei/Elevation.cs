using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>The relief that the watershed divides: low in the middle of a nucleus, high at its edge and between touching nuclei.</summary>
internal static class Elevation
{
    /// <summary>Elevations are 0 to 255, on the scale of <see cref="NucleusMaps.HvScale"/>.</summary>
    public const int Levels = 256;

    // 2 (1 - probability) on the scale of the HV maps: a probability of one half stands as high as a nucleus's edge. In 256ths of a step of the probability.
    private const short Doubt = 201;

    // A third, in 256ths: the sum of three falls, 762 at most, times this fits 16 bits without a sign.
    private const short Third = 85;

    /// <summary>
    /// For each pixel that counts: max(|H|, |V|, fall of H over 2 reach pixels along x, the same of V along y, 2 (1 - probability)), the falls averaged
    /// over three neighbouring lines.
    /// </summary>
    /// <param name="maps">The maps.</param>
    /// <param name="area">The part of them that there is; its border is repeated beyond.</param>
    /// <param name="pixels">The pixels that count, one bit each, of the area's size.</param>
    /// <param name="reach">Half the length over which the maps fall.</param>
    /// <param name="elevation">Takes the elevations, row by row of the area. Others than those of the pixels that count mean nothing.</param>
    /// <param name="vectors">Whether the vector unit may be used; the result is the same without.</param>
    public static void Compute(NucleusMaps maps, MapArea area, BitPlane pixels, int reach, byte[] elevation, bool vectors)
    {
        for (var y = 0; y < area.Height; y++)
        {
            var lines = new Lines(maps, area, y, reach);
            var words = pixels.Row(y);
            var row = elevation.AsSpan(y * area.Width, area.Width);
            for (var w = 0; w < words.Length; w++)
            {
                var x = w * BitPlane.Word;
                if (words[w] != 0 && vectors && Vector128.IsHardwareAccelerated && x >= reach && x + BitPlane.Word + reach <= area.Width)
                {
                    Block(lines, x, reach, row.Slice(x, BitPlane.Word));
                }
                else
                {
                    PixelByPixel(lines, x, words[w], area.Width, reach, row);
                }
            }
        }
    }

    private static void PixelByPixel(in Lines lines, int start, ulong bits, int width, int reach, Span<byte> row)
    {
        for (var left = bits; left != 0; left &= left - 1)
        {
            var x = start + BitOperations.TrailingZeroCount(left);
            row[x] = At(lines, x, width, reach);
        }
    }

    private static byte At(in Lines lines, int x, int width, int reach)
    {
        var (left, right) = (Math.Max(0, x - reach), Math.Min(width - 1, x + reach));
        var (beside, beyond) = (Math.Max(0, x - 1), Math.Min(width - 1, x + 1));
        var fallX = lines.H0[left] - lines.H0[right] + lines.H1[left] - lines.H1[right] + lines.H2[left] - lines.H2[right];
        var fallY = lines.Up[beside] - lines.Down[beside] + lines.Up[x] - lines.Down[x] + lines.Up[beyond] - lines.Down[beyond];
        var e = Math.Max(Math.Abs((int)lines.H1[x]), Math.Abs((int)lines.V[x]));
        e = Math.Max(e, ((byte.MaxValue - lines.Probability[x]) * Doubt) >> 8);
        return (byte)Math.Max(e, (Math.Max(fallX, fallY) * Third) >> 8);
    }

    /// <summary>64 pixels at once, none of them nearer than the reach to the area's left and right border.</summary>
    private static void Block(in Lines lines, int start, int reach, Span<byte> row)
    {
        for (var i = 0; i < BitPlane.Word; i += Vector128<short>.Count)
        {
            var x = start + i;
            var fallX = Load(lines.H0, x - reach) + Load(lines.H1, x - reach) + Load(lines.H2, x - reach)
                - (Load(lines.H0, x + reach) + Load(lines.H1, x + reach) + Load(lines.H2, x + reach));
            var fallY = Load(lines.Up, x - 1) + Load(lines.Up, x) + Load(lines.Up, x + 1)
                - (Load(lines.Down, x - 1) + Load(lines.Down, x) + Load(lines.Down, x + 1));
            var fall = Vector128.Max(Vector128.Max(fallX, fallY), Vector128<short>.Zero);
            var third = (fall.AsUInt16() * (ushort)Third) >>> 8;
            var steep = Vector128.Max(Vector128.Abs(Load(lines.H1, x)), Vector128.Abs(Load(lines.V, x))).AsUInt16();
            var doubt = ((Vector128.Create((ushort)byte.MaxValue) - LoadBytes(lines.Probability, x)) * (ushort)Doubt) >>> 8;
            var e = Vector128.Max(Vector128.Max(steep, doubt), third);
            Unsafe.WriteUnaligned(ref row[i], Vector128.Narrow(e, e).AsUInt64().ToScalar());
        }
    }

    private static Vector128<short> Load(ReadOnlySpan<sbyte> line, int x) =>
        Vector128.WidenLower(
            Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(ref Unsafe.As<sbyte, byte>(ref Unsafe.AsRef(in line.Slice(x, 8)[0])))).AsSByte());

    private static Vector128<ushort> LoadBytes(ReadOnlySpan<byte> line, int x) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.AsRef(in line.Slice(x, 8)[0]))).AsByte());

    /// <summary>The lines of the maps that a row's elevation depends on, cut to the area.</summary>
    private readonly ref struct Lines
    {
        public Lines(NucleusMaps maps, MapArea area, int y, int reach)
        {
            H0 = Line(maps.Horizontal, maps, area, y - 1);
            H1 = Line(maps.Horizontal, maps, area, y);
            H2 = Line(maps.Horizontal, maps, area, y + 1);
            Up = Line(maps.Vertical, maps, area, y - reach);
            V = Line(maps.Vertical, maps, area, y);
            Down = Line(maps.Vertical, maps, area, y + reach);
            Probability = maps.Probability.AsSpan(area.At(maps, 0, y), area.Width);
        }

        public ReadOnlySpan<sbyte> H0 { get; }

        public ReadOnlySpan<sbyte> H1 { get; }

        public ReadOnlySpan<sbyte> H2 { get; }

        public ReadOnlySpan<sbyte> Up { get; }

        public ReadOnlySpan<sbyte> V { get; }

        public ReadOnlySpan<sbyte> Down { get; }

        public ReadOnlySpan<byte> Probability { get; }

        private static ReadOnlySpan<sbyte> Line(sbyte[] plane, NucleusMaps maps, MapArea area, int y) =>
            plane.AsSpan(area.At(maps, 0, Math.Clamp(y, 0, area.Height - 1)), area.Width);
    }
}
