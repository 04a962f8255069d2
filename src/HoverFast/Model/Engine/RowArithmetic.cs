using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HoverFast.Model.Engine;

/// <summary>
/// What happens to bytes between the convolutions. Every method rounds as ONNX Runtime does (to the nearest, halves to even) and has a
/// scalar twin that gives the same bytes. Channels are multiples of 16.
/// </summary>
internal static unsafe class RowArithmetic
{
    private const int Lanes = ConvolutionKernel.GroupChannels;

    /// <summary>Turns sums into bytes: saturate(round((sum + offset) x factor) + zero point), offset and factor by channel.</summary>
    /// <param name="sums">For each pixel <paramref name="sumStride"/> numbers, of which the first 16 are taken.</param>
    /// <param name="sumStride">Numbers from one pixel to the next.</param>
    /// <param name="pixels">How many pixels.</param>
    /// <param name="offsets">16 offsets.</param>
    /// <param name="factors">16 factors.</param>
    /// <param name="zeroPoint">The byte that stands for 0.</param>
    /// <param name="result">Takes 16 bytes for each pixel.</param>
    /// <param name="resultStride">Bytes from one pixel to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Requantize(int* sums, int sumStride, int pixels, int* offsets, float* factors, byte zeroPoint, byte* result, nint resultStride)
    {
        if (Avx512F.IsSupported)
        {
            var offset = Vector512.Load(offsets);
            var factor = Vector512.Load(factors);
            var zero = Vector512.Create((int)zeroPoint);
            for (var i = 0; i < pixels; i++)
            {
                var scaled = Avx512F.ConvertToVector512Single(Vector512.Load(sums) + offset) * factor;
                Pack(Avx512F.ConvertToVector512Int32(scaled) + zero).Store(result);
                sums += sumStride;
                result += resultStride;
            }
        }
        else if (Avx2.IsSupported)
        {
            var zero = Vector256.Create((int)zeroPoint);
            for (var i = 0; i < pixels; i++)
            {
                var low = Avx.ConvertToVector256Single(Vector256.Load(sums) + Vector256.Load(offsets)) * Vector256.Load(factors);
                var high = Avx.ConvertToVector256Single(Vector256.Load(sums + 8) + Vector256.Load(offsets + 8)) * Vector256.Load(factors + 8);
                Pack(Avx.ConvertToVector256Int32(low) + zero, Avx.ConvertToVector256Int32(high) + zero).Store(result);
                sums += sumStride;
                result += resultStride;
            }
        }
        else if (AdvSimd.IsSupported)
        {
            var zero = Vector128.Create((int)zeroPoint);
            for (var i = 0; i < pixels; i++)
            {
                Pack(
                        Scale(sums, offsets, factors) + zero,
                        Scale(sums + 4, offsets + 4, factors + 4) + zero,
                        Scale(sums + 8, offsets + 8, factors + 8) + zero,
                        Scale(sums + 12, offsets + 12, factors + 12) + zero)
                    .Store(result);
                sums += sumStride;
                result += resultStride;
            }
        }
        else
        {
            RequantizeScalar(sums, sumStride, pixels, offsets, factors, zeroPoint, result, resultStride);
        }
    }

    /// <summary>The scalar twin of <see cref="Requantize"/>.</summary>
    public static void RequantizeScalar(int* sums, int sumStride, int pixels, int* offsets, float* factors, byte zeroPoint, byte* result, nint resultStride)
    {
        for (var i = 0; i < pixels; i++)
        {
            for (var c = 0; c < Lanes; c++)
            {
                result[c] = Saturate((int)MathF.Round((sums[c] + offsets[c]) * factors[c]) + zeroPoint);
            }

            sums += sumStride;
            result += resultStride;
        }
    }

    /// <summary>Turns sums into whole numbers in place: round((sum + offset) x factor), cut off at plus and minus a limit, all by channel.</summary>
    /// <param name="sums">16 for each pixel.</param>
    /// <param name="pixels">How many pixels.</param>
    /// <param name="offsets">16 offsets.</param>
    /// <param name="factors">16 factors.</param>
    /// <param name="limits">16 limits, whole numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Round(int* sums, int pixels, int* offsets, float* factors, float* limits)
    {
        if (AdvSimd.IsSupported)
        {
            for (var i = 0; i < pixels * Lanes; i += Vector128<int>.Count)
            {
                var c = i % Lanes;
                var scaled = AdvSimd.Multiply(AdvSimd.ConvertToSingle(Vector128.Load(sums + i) + Vector128.Load(offsets + c)), Vector128.Load(factors + c));
                AdvSimd.ConvertToInt32RoundToEven(AdvSimd.Min(AdvSimd.Max(scaled, -Vector128.Load(limits + c)), Vector128.Load(limits + c))).Store(sums + i);
            }

            return;
        }

        if (!Avx2.IsSupported)
        {
            RoundScalar(sums, pixels, offsets, factors, limits);
            return;
        }

        for (var half = 0; half < Lanes; half += Vector256<int>.Count)
        {
            var offset = Vector256.Load(offsets + half);
            var factor = Vector256.Load(factors + half);
            var limit = Vector256.Load(limits + half);
            for (var i = 0; i < pixels; i++)
            {
                var at = sums + (i * Lanes) + half;
                var scaled = Avx.Multiply(Avx.ConvertToVector256Single(Vector256.Load(at) + offset), factor);
                Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(scaled, -limit), limit)).Store(at);
            }
        }
    }

    /// <summary>The scalar twin of <see cref="Round"/>.</summary>
    public static void RoundScalar(int* sums, int pixels, int* offsets, float* factors, float* limits)
    {
        for (var i = 0; i < pixels * Lanes; i++)
        {
            var c = i % Lanes;
            sums[i] = (int)MathF.Round(Math.Clamp((sums[i] + offsets[c]) * factors[c], -limits[c], limits[c]));
        }
    }

    /// <summary>Adds two rows: saturate(round(first x factor + constant + second x factor)).</summary>
    /// <param name="first">Bytes of the first row; where it is of half the width, each pixel counts twice.</param>
    /// <param name="halfWidth">Whether it is.</param>
    /// <param name="second">Bytes of the second row.</param>
    /// <param name="pixels">Pixels of the second row.</param>
    /// <param name="channels">Bytes of a pixel.</param>
    /// <param name="factors">Units of the first and of the second row in units of the result, and what zero points add up to.</param>
    /// <param name="result">Takes the sums; may be the second row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(byte* first, bool halfWidth, byte* second, int pixels, int channels, AddFactors factors, byte* result)
    {
        if (!Avx2.IsSupported && !AdvSimd.IsSupported)
        {
            AddScalar(first, halfWidth, second, pixels, channels, factors, result);
            return;
        }

        var back = halfWidth ? channels : 0;
        for (var x = 0; x < pixels; x++)
        {
            for (var c = 0; c < channels; c += Lanes)
            {
                if (Avx512F.IsSupported)
                {
                    var a = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(first + c)));
                    var b = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(second + c)));
                    var sum = Avx512F.Add(
                        Avx512F.Add(Avx512F.Multiply(a, Vector512.Create(factors.First)), Vector512.Create(factors.Constant)),
                        Avx512F.Multiply(b, Vector512.Create(factors.Second)));
                    Pack(Avx512F.ConvertToVector512Int32(sum)).Store(result + c);
                }
                else if (AdvSimd.IsSupported)
                {
                    var (a, aUpper) = Vector128.Widen(Vector128.Load(first + c));
                    var (b, bUpper) = Vector128.Widen(Vector128.Load(second + c));
                    Pack(AddLower(a, b, factors), AddUpper(a, b, factors), AddLower(aUpper, bUpper, factors), AddUpper(aUpper, bUpper, factors))
                        .Store(result + c);
                }
                else
                {
                    Pack(AddEight(first + c, second + c, factors), AddEight(first + c + 8, second + c + 8, factors)).Store(result + c);
                }
            }

            first += (x & 1) == 0 ? channels - back : channels;
            second += channels;
            result += channels;
        }
    }

    /// <summary>The scalar twin of <see cref="Add"/>.</summary>
    public static void AddScalar(byte* first, bool halfWidth, byte* second, int pixels, int channels, AddFactors factors, byte* result)
    {
        for (var x = 0; x < pixels; x++)
        {
            var from = (halfWidth ? x / 2 : x) * channels;
            for (var c = 0; c < channels; c++)
            {
                var sum = (first[from + c] * factors.First) + factors.Constant;
                result[(x * channels) + c] = Saturate((int)MathF.Round(sum + (second[(x * channels) + c] * factors.Second)));
            }
        }
    }

    /// <summary>The largest byte of each block of two by two pixels, by channel.</summary>
    /// <param name="upper">The upper row.</param>
    /// <param name="lower">The row under it.</param>
    /// <param name="pixels">Pixels of the result, half as many as in a row.</param>
    /// <param name="channels">Bytes of a pixel.</param>
    /// <param name="result">Takes them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaxPool(byte* upper, byte* lower, int pixels, int channels, byte* result)
    {
        for (var x = 0; x < pixels; x++)
        {
            for (var c = 0; c < channels; c += Lanes)
            {
                var left = Vector128.Max(Vector128.Load(upper + c), Vector128.Load(lower + c));
                var right = Vector128.Max(Vector128.Load(upper + channels + c), Vector128.Load(lower + channels + c));
                Vector128.Max(left, right).Store(result + c);
            }

            upper += 2 * channels;
            lower += 2 * channels;
            result += channels;
        }
    }

    /// <summary>The scalar twin of <see cref="MaxPool"/>.</summary>
    public static void MaxPoolScalar(byte* upper, byte* lower, int pixels, int channels, byte* result)
    {
        for (var x = 0; x < pixels; x++)
        {
            for (var c = 0; c < channels; c++)
            {
                var at = (2 * x * channels) + c;
                result[(x * channels) + c] = Math.Max(Math.Max(upper[at], lower[at]), Math.Max(upper[at + channels], lower[at + channels]));
            }
        }
    }

    private static byte Saturate(int value) => (byte)Math.Clamp(value, 0, 255);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Scale(int* sums, int* offsets, float* factors) =>
        AdvSimd.ConvertToInt32RoundToEven(AdvSimd.Multiply(AdvSimd.ConvertToSingle(Vector128.Load(sums) + Vector128.Load(offsets)), Vector128.Load(factors)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddLower(Vector128<ushort> first, Vector128<ushort> second, AddFactors factors) =>
        AddFour(AdvSimd.ZeroExtendWideningLower(first.GetLower()), AdvSimd.ZeroExtendWideningLower(second.GetLower()), factors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddUpper(Vector128<ushort> first, Vector128<ushort> second, AddFactors factors) =>
        AddFour(AdvSimd.ZeroExtendWideningUpper(first), AdvSimd.ZeroExtendWideningUpper(second), factors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddFour(Vector128<uint> first, Vector128<uint> second, AddFactors factors)
    {
        var a = AdvSimd.Multiply(AdvSimd.ConvertToSingle(first), Vector128.Create(factors.First));
        var b = AdvSimd.Multiply(AdvSimd.ConvertToSingle(second), Vector128.Create(factors.Second));
        return AdvSimd.ConvertToInt32RoundToEven(AdvSimd.Add(AdvSimd.Add(a, Vector128.Create(factors.Constant)), b));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> AddEight(byte* first, byte* second, AddFactors factors)
    {
        var a = Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(first));
        var b = Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(second));
        return Avx.ConvertToVector256Int32(
            Avx.Add(
                Avx.Add(Avx.Multiply(a, Vector256.Create(factors.First)), Vector256.Create(factors.Constant)),
                Avx.Multiply(b, Vector256.Create(factors.Second))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pack(Vector128<int> first, Vector128<int> second, Vector128<int> third, Vector128<int> fourth)
    {
        var low = AdvSimd.ExtractNarrowingSaturateUpper(AdvSimd.ExtractNarrowingSaturateLower(first), second);
        var high = AdvSimd.ExtractNarrowingSaturateUpper(AdvSimd.ExtractNarrowingSaturateLower(third), fourth);
        return AdvSimd.ExtractNarrowingSaturateUnsignedUpper(AdvSimd.ExtractNarrowingSaturateUnsignedLower(low), high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pack(Vector512<int> values) =>
        Avx512F.ConvertToVector128ByteWithSaturation(Vector512.Max(values, Vector512<int>.Zero).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pack(Vector256<int> low, Vector256<int> high)
    {
        // Packing works on halves of a register: the middle quarters change places.
        var words = Avx2.Permute4x64(Avx2.PackSignedSaturate(low, high).AsInt64(), 0b11_01_10_00).AsInt16();
        return Sse2.PackUnsignedSaturate(words.GetLower(), words.GetUpper());
    }
}
