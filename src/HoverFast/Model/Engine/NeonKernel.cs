using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace HoverFast.Model.Engine;

/// <summary>
/// Two pixels by 16 channels in sixteen 128-bit registers, for ARM64 processors without dot products (Cortex-A72, Graviton 1). With 128 taken
/// off each byte of the input, 16 bits hold the sum of two products: at most 2 x 128 x 127.
/// </summary>
internal sealed unsafe class NeonKernel : ConvolutionKernel
{
    public static bool IsSupported => AdvSimd.Arm64.IsSupported;

    public override string Name => "NEON";

    public override int Pixels => 2;

    public override int Groups => 1;

    public override byte InputOffset => 128;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Accumulate(in ConvolutionBlock block, int groups)
    {
        var rows = block.Rows;
        var rowCount = block.RowCount;
        var stride = block.PixelStride;
        var weights = block.Weights;
        var sign = Vector128.Create((byte)128);

        // Each register: two channels, each as the sum of its even and of its odd pairs of bytes.
        Vector128<int> a0 = default, b0 = default, c0 = default, d0 = default, e0 = default, f0 = default, g0 = default, h0 = default;
        Vector128<int> a1 = default, b1 = default, c1 = default, d1 = default, e1 = default, f1 = default, g1 = default, h1 = default;
        for (nint row = 0; row < rowCount; row++)
        {
            if (row == block.ShiftRow)
            {
                a0 <<= PackedConvolution.LowBits;
                b0 <<= PackedConvolution.LowBits;
                c0 <<= PackedConvolution.LowBits;
                d0 <<= PackedConvolution.LowBits;
                e0 <<= PackedConvolution.LowBits;
                f0 <<= PackedConvolution.LowBits;
                g0 <<= PackedConvolution.LowBits;
                h0 <<= PackedConvolution.LowBits;
                a1 <<= PackedConvolution.LowBits;
                b1 <<= PackedConvolution.LowBits;
                c1 <<= PackedConvolution.LowBits;
                d1 <<= PackedConvolution.LowBits;
                e1 <<= PackedConvolution.LowBits;
                f1 <<= PackedConvolution.LowBits;
                g1 <<= PackedConvolution.LowBits;
                h1 <<= PackedConvolution.LowBits;
            }

            var input = rows[row] + block.Offset;
            var left = block.Steps;
            for (; left >= 2; left -= 2)
            {
                var x0 = (Vector128.Create(*(int*)input).AsByte() ^ sign).AsSByte();
                var y0 = (Vector128.Create(*(int*)(input + StepBytes)).AsByte() ^ sign).AsSByte();
                var x1 = (Vector128.Create(*(int*)(input + stride)).AsByte() ^ sign).AsSByte();
                var y1 = (Vector128.Create(*(int*)(input + stride + StepBytes)).AsByte() ^ sign).AsSByte();
                var first = Vector128.Load(weights);
                var second = Vector128.Load(weights + 64);
                a0 = Lower(a0, x0, first, y0, second);
                b0 = Upper(b0, x0, first, y0, second);
                a1 = Lower(a1, x1, first, y1, second);
                b1 = Upper(b1, x1, first, y1, second);
                first = Vector128.Load(weights + 16);
                second = Vector128.Load(weights + 80);
                c0 = Lower(c0, x0, first, y0, second);
                d0 = Upper(d0, x0, first, y0, second);
                c1 = Lower(c1, x1, first, y1, second);
                d1 = Upper(d1, x1, first, y1, second);
                first = Vector128.Load(weights + 32);
                second = Vector128.Load(weights + 96);
                e0 = Lower(e0, x0, first, y0, second);
                f0 = Upper(f0, x0, first, y0, second);
                e1 = Lower(e1, x1, first, y1, second);
                f1 = Upper(f1, x1, first, y1, second);
                first = Vector128.Load(weights + 48);
                second = Vector128.Load(weights + 112);
                g0 = Lower(g0, x0, first, y0, second);
                h0 = Upper(h0, x0, first, y0, second);
                g1 = Lower(g1, x1, first, y1, second);
                h1 = Upper(h1, x1, first, y1, second);
                weights += 2 * GroupChannels * StepBytes;
                input += 2 * StepBytes;
            }

            if (left > 0)
            {
                var x0 = (Vector128.Create(*(int*)input).AsByte() ^ sign).AsSByte();
                var x1 = (Vector128.Create(*(int*)(input + stride)).AsByte() ^ sign).AsSByte();
                var first = Vector128.Load(weights);
                a0 = AdvSimd.AddPairwiseWideningAndAdd(a0, AdvSimd.MultiplyWideningLower(x0.GetLower(), first.GetLower()));
                b0 = AdvSimd.AddPairwiseWideningAndAdd(b0, AdvSimd.MultiplyWideningUpper(x0, first));
                a1 = AdvSimd.AddPairwiseWideningAndAdd(a1, AdvSimd.MultiplyWideningLower(x1.GetLower(), first.GetLower()));
                b1 = AdvSimd.AddPairwiseWideningAndAdd(b1, AdvSimd.MultiplyWideningUpper(x1, first));
                first = Vector128.Load(weights + 16);
                c0 = AdvSimd.AddPairwiseWideningAndAdd(c0, AdvSimd.MultiplyWideningLower(x0.GetLower(), first.GetLower()));
                d0 = AdvSimd.AddPairwiseWideningAndAdd(d0, AdvSimd.MultiplyWideningUpper(x0, first));
                c1 = AdvSimd.AddPairwiseWideningAndAdd(c1, AdvSimd.MultiplyWideningLower(x1.GetLower(), first.GetLower()));
                d1 = AdvSimd.AddPairwiseWideningAndAdd(d1, AdvSimd.MultiplyWideningUpper(x1, first));
                first = Vector128.Load(weights + 32);
                e0 = AdvSimd.AddPairwiseWideningAndAdd(e0, AdvSimd.MultiplyWideningLower(x0.GetLower(), first.GetLower()));
                f0 = AdvSimd.AddPairwiseWideningAndAdd(f0, AdvSimd.MultiplyWideningUpper(x0, first));
                e1 = AdvSimd.AddPairwiseWideningAndAdd(e1, AdvSimd.MultiplyWideningLower(x1.GetLower(), first.GetLower()));
                f1 = AdvSimd.AddPairwiseWideningAndAdd(f1, AdvSimd.MultiplyWideningUpper(x1, first));
                first = Vector128.Load(weights + 48);
                g0 = AdvSimd.AddPairwiseWideningAndAdd(g0, AdvSimd.MultiplyWideningLower(x0.GetLower(), first.GetLower()));
                h0 = AdvSimd.AddPairwiseWideningAndAdd(h0, AdvSimd.MultiplyWideningUpper(x0, first));
                g1 = AdvSimd.AddPairwiseWideningAndAdd(g1, AdvSimd.MultiplyWideningLower(x1.GetLower(), first.GetLower()));
                h1 = AdvSimd.AddPairwiseWideningAndAdd(h1, AdvSimd.MultiplyWideningUpper(x1, first));
                weights += GroupChannels * StepBytes;
            }
        }

        Store(block.Sums, a0, b0, c0, d0, e0, f0, g0, h0);
        Store(block.Sums + GroupChannels, a1, b1, c1, d1, e1, f1, g1, h1);
    }

    // sums += products of the lower halves, neighbours added.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Lower(Vector128<int> sums, Vector128<sbyte> x, Vector128<sbyte> first, Vector128<sbyte> y, Vector128<sbyte> second) =>
        AdvSimd.AddPairwiseWideningAndAdd(
            sums,
            AdvSimd.MultiplyWideningLowerAndAdd(AdvSimd.MultiplyWideningLower(x.GetLower(), first.GetLower()), y.GetLower(), second.GetLower()));

    // sums += products of the upper halves, neighbours added.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Upper(Vector128<int> sums, Vector128<sbyte> x, Vector128<sbyte> first, Vector128<sbyte> y, Vector128<sbyte> second) =>
        AdvSimd.AddPairwiseWideningAndAdd(sums, AdvSimd.MultiplyWideningUpperAndAdd(AdvSimd.MultiplyWideningUpper(x, first), y, second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        int* sums,
        Vector128<int> a,
        Vector128<int> b,
        Vector128<int> c,
        Vector128<int> d,
        Vector128<int> e,
        Vector128<int> f,
        Vector128<int> g,
        Vector128<int> h)
    {
        AdvSimd.Arm64.AddPairwise(a, b).Store(sums);
        AdvSimd.Arm64.AddPairwise(c, d).Store(sums + 4);
        AdvSimd.Arm64.AddPairwise(e, f).Store(sums + 8);
        AdvSimd.Arm64.AddPairwise(g, h).Store(sums + 12);
    }
}
