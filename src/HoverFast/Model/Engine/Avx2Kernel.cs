using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HoverFast.Model.Engine;

/// <summary>
/// Five pixels by 16 channels in ten 256-bit registers, for processors without dot products of bytes. vpmaddubsw adds the products of two
/// pairs of bytes in 16 bits. Where weights are so large that the sum could saturate, their step is done in words, by two of vpmaddwd: no
/// more multiplications, which are what counts.
/// </summary>
internal sealed unsafe class Avx2Kernel : ConvolutionKernel
{
    public static bool IsSupported => Avx2.IsSupported;

    public override string Name => "AVX2";

    public override int Pixels => 5;

    public override int Groups => 1;

    /// <summary>255 x 128 is the last multiple of 255 that 16 bits hold.</summary>
    public override int LargestPair => 128;

    public override bool UsesWinograd => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Accumulate(in ConvolutionBlock block, int groups)
    {
        var inputs = block.StepInputs;
        var counts = block.StepCounts;
        var offset = block.Offset;
        var stride = block.PixelStride;
        var weights = block.Weights;
        var ones = Vector256.Create((short)1);
        var lower = Vector256.Create((short)byte.MaxValue);
        Vector256<int> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        Vector256<int> a3 = default, b3 = default, a4 = default, b4 = default;
        for (var plane = block.ShiftRow == 0 ? 1 : 0; plane < 2; plane++)
        {
            if (plane > 0)
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
            }

            var end = inputs + counts[0];
            while (inputs < end)
            {
                var input = *inputs + offset;
                var far = input + (3 * stride);
                var first = Vector256.Load(weights);
                var second = Vector256.Load(weights + 32);
                var x = Avx2.BroadcastScalarToVector256((int*)input).AsByte();
                a0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, first), ones);
                b0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, second), ones);
                x = Avx2.BroadcastScalarToVector256((int*)(input + stride)).AsByte();
                a1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, first), ones);
                b1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, second), ones);
                x = Avx2.BroadcastScalarToVector256((int*)(input + (2 * stride))).AsByte();
                a2 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, first), ones);
                b2 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, second), ones);
                x = Avx2.BroadcastScalarToVector256((int*)far).AsByte();
                a3 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, first), ones);
                b3 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, second), ones);
                x = Avx2.BroadcastScalarToVector256((int*)(far + stride)).AsByte();
                a4 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, first), ones);
                b4 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(x, second), ones);
                weights += GroupChannels * StepBytes;
                inputs++;
            }

            end = inputs + counts[1];
            while (inputs < end)
            {
                // Every other byte, as a word.
                var input = *inputs + offset;
                var far = input + (3 * stride);
                var first = Vector256.Load((short*)weights);
                var second = Vector256.Load((short*)weights + 16);
                var x = Avx2.BroadcastScalarToVector256((int*)input).AsInt16() & lower;
                a0 += Avx2.MultiplyAddAdjacent(x, first);
                b0 += Avx2.MultiplyAddAdjacent(x, second);
                x = Avx2.BroadcastScalarToVector256((int*)(input + stride)).AsInt16() & lower;
                a1 += Avx2.MultiplyAddAdjacent(x, first);
                b1 += Avx2.MultiplyAddAdjacent(x, second);
                x = Avx2.BroadcastScalarToVector256((int*)(input + (2 * stride))).AsInt16() & lower;
                a2 += Avx2.MultiplyAddAdjacent(x, first);
                b2 += Avx2.MultiplyAddAdjacent(x, second);
                x = Avx2.BroadcastScalarToVector256((int*)far).AsInt16() & lower;
                a3 += Avx2.MultiplyAddAdjacent(x, first);
                b3 += Avx2.MultiplyAddAdjacent(x, second);
                x = Avx2.BroadcastScalarToVector256((int*)(far + stride)).AsInt16() & lower;
                a4 += Avx2.MultiplyAddAdjacent(x, first);
                b4 += Avx2.MultiplyAddAdjacent(x, second);
                weights += GroupChannels * StepBytes;
                inputs++;
            }

            counts += 2;
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
    }
}
