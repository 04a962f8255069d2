using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace HoverFast.Model.Engine;

/// <summary>
/// Five pixels by 16 channels in twenty 128-bit registers, with the dot products of ARM64 (Apple's processors, Graviton 2 and later). They
/// multiply signed bytes only, so 128 is taken off each byte of the input.
/// </summary>
internal sealed unsafe class NeonDotProductKernel : ConvolutionKernel
{
    // Steps whose input one register holds.
    private const int Steps = 4;

    public static bool IsSupported => Dp.IsSupported && AdvSimd.Arm64.IsSupported;

    public override string Name => "NEON dot product";

    public override int Pixels => 5;

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
        Vector128<int> a0 = default, b0 = default, c0 = default, d0 = default, a1 = default, b1 = default, c1 = default, d1 = default;
        Vector128<int> a2 = default, b2 = default, c2 = default, d2 = default, a3 = default, b3 = default, c3 = default, d3 = default;
        Vector128<int> a4 = default, b4 = default, c4 = default, d4 = default;
        for (nint row = 0; row < rowCount; row++)
        {
            if (row == block.ShiftRow)
            {
                a0 <<= PackedConvolution.LowBits;
                b0 <<= PackedConvolution.LowBits;
                c0 <<= PackedConvolution.LowBits;
                d0 <<= PackedConvolution.LowBits;
                a1 <<= PackedConvolution.LowBits;
                b1 <<= PackedConvolution.LowBits;
                c1 <<= PackedConvolution.LowBits;
                d1 <<= PackedConvolution.LowBits;
                a2 <<= PackedConvolution.LowBits;
                b2 <<= PackedConvolution.LowBits;
                c2 <<= PackedConvolution.LowBits;
                d2 <<= PackedConvolution.LowBits;
                a3 <<= PackedConvolution.LowBits;
                b3 <<= PackedConvolution.LowBits;
                c3 <<= PackedConvolution.LowBits;
                d3 <<= PackedConvolution.LowBits;
                a4 <<= PackedConvolution.LowBits;
                b4 <<= PackedConvolution.LowBits;
                c4 <<= PackedConvolution.LowBits;
                d4 <<= PackedConvolution.LowBits;
            }

            var input = rows[row] + block.Offset;
            var left = block.Steps;
            for (; left >= Steps; left -= Steps)
            {
                var x0 = (Vector128.Load(input) ^ sign).AsSByte();
                var x1 = (Vector128.Load(input + stride) ^ sign).AsSByte();
                var x2 = (Vector128.Load(input + (2 * stride)) ^ sign).AsSByte();
                var x3 = (Vector128.Load(input + (3 * stride)) ^ sign).AsSByte();
                var x4 = (Vector128.Load(input + (4 * stride)) ^ sign).AsSByte();
                var w = Vector128.Load(weights);
                a0 = Dp.DotProductBySelectedQuadruplet(a0, w, x0, 0);
                a1 = Dp.DotProductBySelectedQuadruplet(a1, w, x1, 0);
                a2 = Dp.DotProductBySelectedQuadruplet(a2, w, x2, 0);
                a3 = Dp.DotProductBySelectedQuadruplet(a3, w, x3, 0);
                a4 = Dp.DotProductBySelectedQuadruplet(a4, w, x4, 0);
                w = Vector128.Load(weights + 16);
                b0 = Dp.DotProductBySelectedQuadruplet(b0, w, x0, 0);
                b1 = Dp.DotProductBySelectedQuadruplet(b1, w, x1, 0);
                b2 = Dp.DotProductBySelectedQuadruplet(b2, w, x2, 0);
                b3 = Dp.DotProductBySelectedQuadruplet(b3, w, x3, 0);
                b4 = Dp.DotProductBySelectedQuadruplet(b4, w, x4, 0);
                w = Vector128.Load(weights + 32);
                c0 = Dp.DotProductBySelectedQuadruplet(c0, w, x0, 0);
                c1 = Dp.DotProductBySelectedQuadruplet(c1, w, x1, 0);
                c2 = Dp.DotProductBySelectedQuadruplet(c2, w, x2, 0);
                c3 = Dp.DotProductBySelectedQuadruplet(c3, w, x3, 0);
                c4 = Dp.DotProductBySelectedQuadruplet(c4, w, x4, 0);
                w = Vector128.Load(weights + 48);
                d0 = Dp.DotProductBySelectedQuadruplet(d0, w, x0, 0);
                d1 = Dp.DotProductBySelectedQuadruplet(d1, w, x1, 0);
                d2 = Dp.DotProductBySelectedQuadruplet(d2, w, x2, 0);
                d3 = Dp.DotProductBySelectedQuadruplet(d3, w, x3, 0);
                d4 = Dp.DotProductBySelectedQuadruplet(d4, w, x4, 0);
                weights += GroupChannels * StepBytes;
                w = Vector128.Load(weights);
                a0 = Dp.DotProductBySelectedQuadruplet(a0, w, x0, 1);
                a1 = Dp.DotProductBySelectedQuadruplet(a1, w, x1, 1);
                a2 = Dp.DotProductBySelectedQuadruplet(a2, w, x2, 1);
                a3 = Dp.DotProductBySelectedQuadruplet(a3, w, x3, 1);
                a4 = Dp.DotProductBySelectedQuadruplet(a4, w, x4, 1);
                w = Vector128.Load(weights + 16);
                b0 = Dp.DotProductBySelectedQuadruplet(b0, w, x0, 1);
                b1 = Dp.DotProductBySelectedQuadruplet(b1, w, x1, 1);
                b2 = Dp.DotProductBySelectedQuadruplet(b2, w, x2, 1);
                b3 = Dp.DotProductBySelectedQuadruplet(b3, w, x3, 1);
                b4 = Dp.DotProductBySelectedQuadruplet(b4, w, x4, 1);
                w = Vector128.Load(weights + 32);
                c0 = Dp.DotProductBySelectedQuadruplet(c0, w, x0, 1);
                c1 = Dp.DotProductBySelectedQuadruplet(c1, w, x1, 1);
                c2 = Dp.DotProductBySelectedQuadruplet(c2, w, x2, 1);
                c3 = Dp.DotProductBySelectedQuadruplet(c3, w, x3, 1);
                c4 = Dp.DotProductBySelectedQuadruplet(c4, w, x4, 1);
                w = Vector128.Load(weights + 48);
                d0 = Dp.DotProductBySelectedQuadruplet(d0, w, x0, 1);
                d1 = Dp.DotProductBySelectedQuadruplet(d1, w, x1, 1);
                d2 = Dp.DotProductBySelectedQuadruplet(d2, w, x2, 1);
                d3 = Dp.DotProductBySelectedQuadruplet(d3, w, x3, 1);
                d4 = Dp.DotProductBySelectedQuadruplet(d4, w, x4, 1);
                weights += GroupChannels * StepBytes;
                w = Vector128.Load(weights);
                a0 = Dp.DotProductBySelectedQuadruplet(a0, w, x0, 2);
                a1 = Dp.DotProductBySelectedQuadruplet(a1, w, x1, 2);
                a2 = Dp.DotProductBySelectedQuadruplet(a2, w, x2, 2);
                a3 = Dp.DotProductBySelectedQuadruplet(a3, w, x3, 2);
                a4 = Dp.DotProductBySelectedQuadruplet(a4, w, x4, 2);
                w = Vector128.Load(weights + 16);
                b0 = Dp.DotProductBySelectedQuadruplet(b0, w, x0, 2);
                b1 = Dp.DotProductBySelectedQuadruplet(b1, w, x1, 2);
                b2 = Dp.DotProductBySelectedQuadruplet(b2, w, x2, 2);
                b3 = Dp.DotProductBySelectedQuadruplet(b3, w, x3, 2);
                b4 = Dp.DotProductBySelectedQuadruplet(b4, w, x4, 2);
                w = Vector128.Load(weights + 32);
                c0 = Dp.DotProductBySelectedQuadruplet(c0, w, x0, 2);
                c1 = Dp.DotProductBySelectedQuadruplet(c1, w, x1, 2);
                c2 = Dp.DotProductBySelectedQuadruplet(c2, w, x2, 2);
                c3 = Dp.DotProductBySelectedQuadruplet(c3, w, x3, 2);
                c4 = Dp.DotProductBySelectedQuadruplet(c4, w, x4, 2);
                w = Vector128.Load(weights + 48);
                d0 = Dp.DotProductBySelectedQuadruplet(d0, w, x0, 2);
                d1 = Dp.DotProductBySelectedQuadruplet(d1, w, x1, 2);
                d2 = Dp.DotProductBySelectedQuadruplet(d2, w, x2, 2);
                d3 = Dp.DotProductBySelectedQuadruplet(d3, w, x3, 2);
                d4 = Dp.DotProductBySelectedQuadruplet(d4, w, x4, 2);
                weights += GroupChannels * StepBytes;
                w = Vector128.Load(weights);
                a0 = Dp.DotProductBySelectedQuadruplet(a0, w, x0, 3);
                a1 = Dp.DotProductBySelectedQuadruplet(a1, w, x1, 3);
                a2 = Dp.DotProductBySelectedQuadruplet(a2, w, x2, 3);
                a3 = Dp.DotProductBySelectedQuadruplet(a3, w, x3, 3);
                a4 = Dp.DotProductBySelectedQuadruplet(a4, w, x4, 3);
                w = Vector128.Load(weights + 16);
                b0 = Dp.DotProductBySelectedQuadruplet(b0, w, x0, 3);
                b1 = Dp.DotProductBySelectedQuadruplet(b1, w, x1, 3);
                b2 = Dp.DotProductBySelectedQuadruplet(b2, w, x2, 3);
                b3 = Dp.DotProductBySelectedQuadruplet(b3, w, x3, 3);
                b4 = Dp.DotProductBySelectedQuadruplet(b4, w, x4, 3);
                w = Vector128.Load(weights + 32);
                c0 = Dp.DotProductBySelectedQuadruplet(c0, w, x0, 3);
                c1 = Dp.DotProductBySelectedQuadruplet(c1, w, x1, 3);
                c2 = Dp.DotProductBySelectedQuadruplet(c2, w, x2, 3);
                c3 = Dp.DotProductBySelectedQuadruplet(c3, w, x3, 3);
                c4 = Dp.DotProductBySelectedQuadruplet(c4, w, x4, 3);
                w = Vector128.Load(weights + 48);
                d0 = Dp.DotProductBySelectedQuadruplet(d0, w, x0, 3);
                d1 = Dp.DotProductBySelectedQuadruplet(d1, w, x1, 3);
                d2 = Dp.DotProductBySelectedQuadruplet(d2, w, x2, 3);
                d3 = Dp.DotProductBySelectedQuadruplet(d3, w, x3, 3);
                d4 = Dp.DotProductBySelectedQuadruplet(d4, w, x4, 3);
                weights += GroupChannels * StepBytes;
                input += Steps * StepBytes;
            }

            for (; left > 0; left--)
            {
                var x0 = (Vector128.Create(*(int*)input).AsByte() ^ sign).AsSByte();
                var x1 = (Vector128.Create(*(int*)(input + stride)).AsByte() ^ sign).AsSByte();
                var x2 = (Vector128.Create(*(int*)(input + (2 * stride))).AsByte() ^ sign).AsSByte();
                var x3 = (Vector128.Create(*(int*)(input + (3 * stride))).AsByte() ^ sign).AsSByte();
                var x4 = (Vector128.Create(*(int*)(input + (4 * stride))).AsByte() ^ sign).AsSByte();
                var w = Vector128.Load(weights);
                a0 = Dp.DotProduct(a0, w, x0);
                a1 = Dp.DotProduct(a1, w, x1);
                a2 = Dp.DotProduct(a2, w, x2);
                a3 = Dp.DotProduct(a3, w, x3);
                a4 = Dp.DotProduct(a4, w, x4);
                w = Vector128.Load(weights + 16);
                b0 = Dp.DotProduct(b0, w, x0);
                b1 = Dp.DotProduct(b1, w, x1);
                b2 = Dp.DotProduct(b2, w, x2);
                b3 = Dp.DotProduct(b3, w, x3);
                b4 = Dp.DotProduct(b4, w, x4);
                w = Vector128.Load(weights + 32);
                c0 = Dp.DotProduct(c0, w, x0);
                c1 = Dp.DotProduct(c1, w, x1);
                c2 = Dp.DotProduct(c2, w, x2);
                c3 = Dp.DotProduct(c3, w, x3);
                c4 = Dp.DotProduct(c4, w, x4);
                w = Vector128.Load(weights + 48);
                d0 = Dp.DotProduct(d0, w, x0);
                d1 = Dp.DotProduct(d1, w, x1);
                d2 = Dp.DotProduct(d2, w, x2);
                d3 = Dp.DotProduct(d3, w, x3);
                d4 = Dp.DotProduct(d4, w, x4);
                weights += GroupChannels * StepBytes;
                input += StepBytes;
            }
        }

        var sums = block.Sums;
        Store(sums, a0, b0, c0, d0);
        Store(sums + GroupChannels, a1, b1, c1, d1);
        Store(sums + (2 * GroupChannels), a2, b2, c2, d2);
        Store(sums + (3 * GroupChannels), a3, b3, c3, d3);
        Store(sums + (4 * GroupChannels), a4, b4, c4, d4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(int* sums, Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d)
    {
        a.Store(sums);
        b.Store(sums + 4);
        c.Store(sums + 8);
        d.Store(sums + 12);
    }
}
