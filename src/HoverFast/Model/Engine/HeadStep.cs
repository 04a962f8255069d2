using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HoverFast.Model.Engine;

/// <summary>
/// The last convolution: logits of the nucleus probability and HV maps, for one pixel of the maps or for a square of them, straight
/// to the bytes of <see cref="NucleusMaps"/>.
/// </summary>
internal sealed unsafe class HeadStep
{
    // Logits beyond 8 are 0 or 255; a 256th of a logit moves the probability's byte by a quarter at most.
    private const int LogitScale = 256;
    private const int LogitRange = 8 * LogitScale;
    private const int Quad = 4;
    private static readonly byte[] _probabilities = MakeProbabilities();

    private readonly PackedConvolution _convolution;
    private readonly int _each;
    private readonly AlignedMemory _factors = new(ConvolutionKernel.GroupChannels * sizeof(float));
    private readonly AlignedMemory _limits = new(ConvolutionKernel.GroupChannels * sizeof(float));

    /// <summary>Prepares the head.</summary>
    /// <param name="source">Number of the step before it.</param>
    /// <param name="convolution">Its convolution of side 1, whose factors give real numbers; channels are probability, horizontal and vertical map, each for
    /// all subpixels.</param>
    /// <param name="subpixels">Pixels of the maps on a side of one pixel of the source.</param>
    public HeadStep(int source, PackedConvolution convolution, int subpixels)
    {
        Source = source;
        Subpixels = subpixels;
        _convolution = convolution;
        _each = subpixels * subpixels;
        for (var c = 0; c < convolution.Outputs; c++)
        {
            ((float*)_factors.Start)[c] = convolution.Factors[c] * (c < _each ? LogitScale : NucleusMaps.HvScale);
            ((float*)_limits.Start)[c] = c < _each ? LogitRange : sbyte.MaxValue;
        }
    }

    /// <summary>Number of the step that it takes rows from.</summary>
    public int Source { get; }

    /// <summary>Pixels of the maps on a side of one pixel of the source.</summary>
    public int Subpixels { get; }

    /// <summary>Makes the rows of the maps that a row of the source gives.</summary>
    /// <param name="source">The source.</param>
    /// <param name="y">The row.</param>
    /// <param name="maps">Maps, or rows of them.</param>
    /// <param name="into">The row of the source, counted from the one at which the maps begin.</param>
    /// <param name="kernel">What computes convolutions.</param>
    /// <param name="sums">Room for the sums of one of the kernel's blocks.</param>
    public void Produce(RowRing source, int y, NucleusMaps maps, int into, ConvolutionKernel kernel, int* sums)
    {
        var rows = stackalloc byte*[_convolution.RowCount];
        var inputs = stackalloc byte*[_convolution.InputCount];
        var block = ConvolutionStep.Block(_convolution, source, y, 0, 1, rows, sums);
        _convolution.Select(0, 1, inputs, ref block);
        for (var x = 0; x < source.Width; x += kernel.Pixels)
        {
            block.Offset = x * block.PixelStride;
            kernel.Accumulate(block, 1);
            RowArithmetic.Round(sums, Math.Min(kernel.Pixels, source.Width - x), _convolution.Offsets, (float*)_factors.Start, (float*)_limits.Start);
            Spread(sums, Math.Min(kernel.Pixels, source.Width - x), x, into, maps, Avx2.IsSupported);
        }
    }

    /// <summary>Puts whole numbers, 16 for each pixel of the source, where they belong in the maps.</summary>
    /// <param name="wholes">Logits in 256ths and HV maps in hundredths.</param>
    /// <param name="pixels">How many pixels.</param>
    /// <param name="x">The first one's column in the source.</param>
    /// <param name="y">Their row.</param>
    /// <param name="maps">Takes them.</param>
    /// <param name="vectors">Whether vector instructions may be used; the bytes are the same.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Spread(int* wholes, int pixels, int x, int y, NucleusMaps maps, bool vectors)
    {
        fixed (byte* probability = maps.Probability, table = _probabilities)
        fixed (sbyte* horizontal = maps.Horizontal, vertical = maps.Vertical)
        {
            var done = 0;
            if (vectors && Subpixels == 2)
            {
                for (; done + Quad <= pixels; done += Quad)
                {
                    var from = wholes + (done * ConvolutionKernel.GroupChannels);
                    var at = (2 * y * maps.Width) + (2 * (x + done));
                    StoreSquares(
                        Sse2.PackUnsignedSaturate(Words(Probabilities(from, 0, table), Probabilities(from, 2, table), out var last), last),
                        probability + at,
                        maps.Width);
                    StoreSquares(
                        Sse2.PackSignedSaturate(Words(Pair(from, 0, 1), Pair(from, 2, 1), out last), last).AsByte(),
                        (byte*)horizontal + at,
                        maps.Width);
                    StoreSquares(Sse2.PackSignedSaturate(Words(Pair(from, 0, 2), Pair(from, 2, 2), out last), last).AsByte(), (byte*)vertical + at, maps.Width);
                }
            }

            for (var s = 0; s < _each; s++)
            {
                var at = (((y * Subpixels) + (s / Subpixels)) * maps.Width) + ((x + done) * Subpixels) + (s % Subpixels);
                var from = wholes + (done * ConvolutionKernel.GroupChannels) + s;
                for (var i = done; i < pixels; i++)
                {
                    probability[at] = table[from[0] + LogitRange];
                    horizontal[at] = (sbyte)from[_each];
                    vertical[at] = (sbyte)from[2 * _each];
                    at += Subpixels;
                    from += ConvolutionKernel.GroupChannels;
                }
            }
        }
    }

    // Four subpixels of a map for a pixel and the next one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Pair(int* from, int pixel, int map)
    {
        var at = from + (pixel * ConvolutionKernel.GroupChannels) + (map * 4);
        return Vector256.Create(Vector128.Load(at), Vector128.Load(at + ConvolutionKernel.GroupChannels));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Probabilities(int* from, int pixel, byte* table) =>
        Avx2.GatherVector256((int*)(table + LogitRange), Pair(from, pixel, 0), 1) & Vector256.Create((int)byte.MaxValue);

    // Four pixels' numbers as words: the first two pixels' and the last two's.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Words(Vector256<int> first, Vector256<int> second, out Vector128<short> last)
    {
        // Packing works on halves: pixels 0 and 2, 1 and 3.
        var words = Avx2.PackSignedSaturate(first, second).AsInt64();
        last = Sse2.UnpackHigh(words.GetLower(), words.GetUpper()).AsInt16();
        return Sse2.UnpackLow(words.GetLower(), words.GetUpper()).AsInt16();
    }

    // Each four bytes are a square of two by two pixels of the map.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreSquares(Vector128<byte> squares, byte* at, int width)
    {
        var rows = Ssse3.Shuffle(squares, Vector128.Create((byte)0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15)).AsInt64();
        *(long*)at = rows.GetElement(0);
        *(long*)(at + width) = rows.GetElement(1);
    }

    private static byte[] MakeProbabilities()
    {
        // Vector instructions read four bytes at each place.
        var table = new byte[(2 * LogitRange) + 4];
        for (var i = 0; i <= 2 * LogitRange; i++)
        {
            table[i] = (byte)Math.Round(NucleusMaps.ProbabilityScale / (1 + Math.Exp(-(i - LogitRange) / (double)LogitScale)));
        }

        return table;
    }
}
