using System.Runtime.CompilerServices;

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
    private static readonly byte[] _probabilities = MakeProbabilities();

    private readonly PackedConvolution _convolution;
    private readonly int _each;
    private readonly AlignedMemory _factors = new(ConvolutionKernel.GroupChannels * sizeof(float));
    private readonly AlignedMemory _limits = new(ConvolutionKernel.GroupChannels * sizeof(float));

    /// <summary>Prepares the head.</summary>
    /// <param name="source">Number of the step before it.</param>
    /// <param name="convolution">Its convolution of side 1, whose factors give real numbers; channels are probability, horizontal and vertical map, each for all subpixels.</param>
    /// <param name="subpixels">Pixels of the maps on a side of one pixel of the source.</param>
    public HeadStep(int source, PackedConvolution convolution, int subpixels)
    {
        Source = source;
        Subpixels = subpixels;
        _convolution = convolution;
        _each = subpixels * subpixels;
        for (var c = 0; c < convolution.Outputs; c++)
        {
            ((float*)_factors.Start)[c] = convolution.Factors(0)[c] * (c < _each ? LogitScale : NucleusMaps.HvScale);
            ((float*)_limits.Start)[c] = c < _each ? LogitRange : sbyte.MaxValue;
        }
    }

    /// <summary>Number of the step that it takes rows from.</summary>
    public int Source { get; }

    /// <summary>Pixels of the maps on a side of one pixel of the source.</summary>
    public int Subpixels { get; }

    /// <summary>Makes the rows of the maps that a row of the source gives.</summary>
    public void Produce(RowRing source, int y, NucleusMaps maps, ConvolutionKernel kernel, int* sums)
    {
        var rows = stackalloc byte*[_convolution.RowCount];
        var block = ConvolutionStep.Block(_convolution, source, y, 0, 1, rows, sums);
        block.Weights = _convolution.Weights(0);
        block.SecondWeights = _convolution.Weights(0);
        for (var x = 0; x < source.Width; x += kernel.Pixels)
        {
            block.Offset = x * block.PixelStride;
            kernel.Accumulate(block, 1);
            Spread(sums, Math.Min(kernel.Pixels, source.Width - x), x, y, maps);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(int* sums, int pixels, int x, int y, NucleusMaps maps)
    {
        RowArithmetic.Round(sums, pixels, _convolution.Offsets(0), (float*)_factors.Start, (float*)_limits.Start);
        fixed (byte* probability = maps.Probability, table = _probabilities)
        fixed (sbyte* horizontal = maps.Horizontal, vertical = maps.Vertical)
        {
            for (var s = 0; s < _each; s++)
            {
                var at = (((y * Subpixels) + (s / Subpixels)) * maps.Width) + (x * Subpixels) + (s % Subpixels);
                var from = sums + s;
                for (var i = 0; i < pixels; i++)
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

    private static byte[] MakeProbabilities()
    {
        var table = new byte[(2 * LogitRange) + 1];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (byte)Math.Round(NucleusMaps.ProbabilityScale / (1 + Math.Exp(-(i - LogitRange) / (double)LogitScale)));
        }

        return table;
    }
}
