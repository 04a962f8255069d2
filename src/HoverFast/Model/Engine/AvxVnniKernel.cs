using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HoverFast.Model.Engine;

/// <summary>Six pixels by 16 channels in twelve 256-bit registers, with the dot products of AVX-VNNI.</summary>
internal sealed unsafe class AvxVnniKernel : ConvolutionKernel
{
    public static bool IsSupported => AvxVnni.IsSupported && Avx2.IsSupported;

    public override string Name => "AVX-VNNI";

    public override int Pixels => 6;

    public override int Groups => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Accumulate(in ConvolutionBlock block, int groups)
    {
        var rows = block.Rows;
        var rowCount = block.RowCount;
        var steps = block.Steps;
        var stride = block.PixelStride;
        var weights = block.Weights;
        Vector256<int> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        Vector256<int> a3 = default, b3 = default, a4 = default, b4 = default, a5 = default, b5 = default;
        for (nint row = 0; row < rowCount; row++)
        {
            if (row == block.ShiftRow)
            {
                a0 <<= PackedConvolution.LowBits;
                b0 <<= PackedConvolution.LowBits;
                a1 <<= PackedConvolution.LowBits;
                b1 <<= PackedConvolution.LowBits;
                a2 <<= PackedConvolution.LowBits;
                b2 <<= PackedConvolution.LowBits;
                a3 <<= PackedConvolution.LowBits;
                b3 <<= PackedConvolution.LowBits;
                a4 <<= PackedConvolution.LowBits;
                b4 <<= PackedConvolution.LowBits;
                a5 <<= PackedConvolution.LowBits;
                b5 <<= PackedConvolution.LowBits;
            }

            var input = rows[row] + block.Offset;
            var far = input + (3 * stride);
            var end = input + (steps * StepBytes);
            do
            {
                var first = Vector256.Load(weights);
                var second = Vector256.Load(weights + 32);
                var x = Avx2.BroadcastScalarToVector256((int*)input).AsByte();
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, x, first);
                b0 = AvxVnni.MultiplyWideningAndAdd(b0, x, second);
                x = Avx2.BroadcastScalarToVector256((int*)(input + stride)).AsByte();
                a1 = AvxVnni.MultiplyWideningAndAdd(a1, x, first);
                b1 = AvxVnni.MultiplyWideningAndAdd(b1, x, second);
                x = Avx2.BroadcastScalarToVector256((int*)(input + (2 * stride))).AsByte();
                a2 = AvxVnni.MultiplyWideningAndAdd(a2, x, first);
                b2 = AvxVnni.MultiplyWideningAndAdd(b2, x, second);
                x = Avx2.BroadcastScalarToVector256((int*)far).AsByte();
                a3 = AvxVnni.MultiplyWideningAndAdd(a3, x, first);
                b3 = AvxVnni.MultiplyWideningAndAdd(b3, x, second);
                x = Avx2.BroadcastScalarToVector256((int*)(far + stride)).AsByte();
                a4 = AvxVnni.MultiplyWideningAndAdd(a4, x, first);
                b4 = AvxVnni.MultiplyWideningAndAdd(b4, x, second);
                x = Avx2.BroadcastScalarToVector256((int*)(far + (2 * stride))).AsByte();
                a5 = AvxVnni.MultiplyWideningAndAdd(a5, x, first);
                b5 = AvxVnni.MultiplyWideningAndAdd(b5, x, second);
                weights += GroupChannels * StepBytes;
                input += StepBytes;
                far += StepBytes;
            }
            while (input < end);
        }

        var sums = block.Sums;
        a0.Store(sums);
        b0.Store(sums + 8);
        a1.Store(sums + 16);
        b1.Store(sums + 24);
        a2.Store(sums + 32);
        b2.Store(sums + 40);
        a3.Store(sums + 48);
        b3.Store(sums + 56);
        a4.Store(sums + 64);
        b4.Store(sums + 72);
        a5.Store(sums + 80);
        b5.Store(sums + 88);
    }
}
