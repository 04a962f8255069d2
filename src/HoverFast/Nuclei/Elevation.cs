using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>The relief that the watershed floods: low in the middle of a nucleus, high at its edge and between touching nuclei.</summary>
internal static class Elevation
{
    /// <summary>Elevations are 0 to 127, on the scale of <see cref="NucleusMaps.HvScale"/>.</summary>
    public const int Levels = 128;

    // Above this a third exceeds the highest level, and up to it the third is (n * 171) >> 9 in 16 bits without a sign.
    private const short LargestFall = 381;

    /// <summary>
    /// For each pixel that counts: max(|H|, |V|, -(fall of H over 2 reach pixels along x), -(the same of V along y)), the falls averaged over
    /// three neighbouring lines; and a bit where the elevation is below <paramref name="seedElevation"/>.
    /// </summary>
    /// <param name="maps">The maps.</param>
    /// <param name="area">The part of them that there is; its border is repeated beyond.</param>
    /// <param name="pixels">The pixels that count, one bit each, of the area's size.</param>
    /// <param name="reach">Half the length over which the maps fall.</param>
    /// <param name="elevation">Takes the elevations, row by row of the area. Others than those of the pixels that count mean nothing.</param>
    /// <param name="seeds">Takes the bits of seeds; it has the area's size.</param>
    /// <param name="seedElevation">See above.</param>
    /// <param name="vectors">Whether the vector unit may be used; the result is the same without.</param>
    public static void Compute(NucleusMaps maps, MapArea area, BitPlane pixels, int reach, byte[] elevation, BitPlane seeds, byte seedElevation, bool vectors)
    {
        for (var y = 0; y < area.Height; y++)
        {
            var lines = new Lines(maps, area, y, reach);
            var words = pixels.Row(y);
            var seedWords = seeds.Row(y);
            var row = elevation.AsSpan(y * area.Width, area.Width);
            for (var w = 0; w < words.Length; w++)
            {
                var x = w * BitPlane.Word;
                seedWords[w] = words[w] == 0 ? 0
                    : vectors && Vector128.IsHardwareAccelerated && x >= reach && x + BitPlane.Word + reach <= area.Width ? words[w] & Block(lines, x, reach, row.Slice(x, BitPlane.Word), seedElevation)
                    : PixelByPixel(lines, x, words[w], area.Width, reach, row, seedElevation);
            }
        }
    }

    private static ulong PixelByPixel(in Lines lines, int start, ulong bits, int width, int reach, Span<byte> row, byte seedElevation)
    {
        var seeds = 0UL;
        for (var left = bits; left != 0; left &= left - 1)
        {
            var i = BitOperations.TrailingZeroCount(left);
            var e = At(lines, start + i, width, reach);
            row[start + i] = e;
            seeds |= e < seedElevation ? 1UL << i : 0;
        }

        return seeds;
    }

    private static byte At(in Lines lines, int x, int width, int reach)
    {
        var (left, right) = (Math.Max(0, x - reach), Math.Min(width - 1, x + reach));
        var (beside, beyond) = (Math.Max(0, x - 1), Math.Min(width - 1, x + 1));
        var fallX = lines.H0[left] - lines.H0[right] + lines.H1[left] - lines.H1[right] + lines.H2[left] - lines.H2[right];
        var fallY = lines.Up[beside] - lines.Down[beside] + lines.Up[x] - lines.Down[x] + lines.Up[beyond] - lines.Down[beyond];
        var e = Math.Max(Math.Abs((int)lines.H1[x]), Math.Abs((int)lines.V[x]));
        return (byte)Math.Min(Levels - 1, Math.Max(e, Math.Max(fallX, fallY) / 3));
    }

    /// <summary>64 pixels at once, none of them nearer than the reach to the area's left and right border; returns the bits of seeds.</summary>
    private static ulong Block(in Lines lines, int start, int reach, Span<byte> row, byte seedElevation)
    {
        var seeds = 0UL;
        var limit = Vector128.Create((short)seedElevation);
        for (var i = 0; i < BitPlane.Word; i += Vector128<short>.Count)
        {
            var x = start + i;
            var fallX = Load(lines.H0, x - reach) + Load(lines.H1, x - reach) + Load(lines.H2, x - reach)
                - (Load(lines.H0, x + reach) + Load(lines.H1, x + reach) + Load(lines.H2, x + reach));
            var fallY = Load(lines.Up, x - 1) + Load(lines.Up, x) + Load(lines.Up, x + 1)
                - (Load(lines.Down, x - 1) + Load(lines.Down, x) + Load(lines.Down, x + 1));
            var fall = Vector128.Min(Vector128.Max(Vector128.Max(fallX, fallY), Vector128<short>.Zero), Vector128.Create(LargestFall));
            var third = ((fall.AsUInt16() * 171) >>> 9).AsInt16();
            var e = Vector128.Max(Vector128.Abs(Load(lines.H1, x)), Vector128.Abs(Load(lines.V, x)));
            e = Vector128.Min(Vector128.Max(e, third), Vector128.Create((short)(Levels - 1)));
            Unsafe.WriteUnaligned(ref row[i], Vector128.Narrow(e, e).AsUInt64().ToScalar());
            seeds |= (ulong)Vector128.LessThan(e, limit).ExtractMostSignificantBits() << i;
        }

        return seeds;
    }

    private static Vector128<short> Load(ReadOnlySpan<sbyte> line, int x) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(ref Unsafe.As<sbyte, byte>(ref Unsafe.AsRef(in line.Slice(x, 8)[0])))).AsSByte());

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
        }

        public ReadOnlySpan<sbyte> H0 { get; }

        public ReadOnlySpan<sbyte> H1 { get; }

        public ReadOnlySpan<sbyte> H2 { get; }

        public ReadOnlySpan<sbyte> Up { get; }

        public ReadOnlySpan<sbyte> V { get; }

        public ReadOnlySpan<sbyte> Down { get; }

        private static ReadOnlySpan<sbyte> Line(sbyte[] plane, NucleusMaps maps, MapArea area, int y) =>
            plane.AsSpan(area.At(maps, 0, Math.Clamp(y, 0, area.Height - 1)), area.Width);
    }
}
