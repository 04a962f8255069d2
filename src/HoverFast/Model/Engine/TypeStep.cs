using System.Runtime.CompilerServices;

namespace HoverFast.Model.Engine;

/// <summary>The last convolution of a branch of nucleus types: the most probable type of each pixel, enlarged to the maps' pixels.</summary>
internal sealed unsafe class TypeStep
{
    // Logits in whole numbers, the same on every processor; equal ones go to the first type.
    private const float LogitScale = 1024;
    private const float LogitRange = 1 << 20;

    private readonly PackedConvolution _convolution;
    private readonly AlignedMemory _factors = new(ConvolutionKernel.GroupChannels * sizeof(float));
    private readonly AlignedMemory _limits = new(ConvolutionKernel.GroupChannels * sizeof(float));

    /// <summary>Prepares the step.</summary>
    /// <param name="source">Number of the step before it.</param>
    /// <param name="convolution">Its convolution of side 1, whose factors give logits; a channel for each type.</param>
    /// <param name="first">Number of the first channel's type.</param>
    /// <param name="enlarged">Pixels of the maps on a side of one pixel of the source.</param>
    public TypeStep(int source, PackedConvolution convolution, int first, int enlarged)
    {
        Source = source;
        First = first;
        Enlarged = enlarged;
        _convolution = convolution;
        for (var c = 0; c < ConvolutionKernel.GroupChannels; c++)
        {
            ((float*)_factors.Start)[c] = c < convolution.Outputs ? convolution.Factors[c] * LogitScale : 0;
            ((float*)_limits.Start)[c] = LogitRange;
        }
    }

    /// <summary>Number of the step that it takes rows from.</summary>
    public int Source { get; }

    /// <summary>Number of the first channel's type.</summary>
    public int First { get; }

    /// <summary>Pixels of the maps on a side of one pixel of the source.</summary>
    public int Enlarged { get; }

    /// <summary>Makes the rows of the maps' types that a row of the source gives.</summary>
    /// <param name="source">The source.</param>
    /// <param name="y">The row.</param>
    /// <param name="maps">Maps, or rows of them.</param>
    /// <param name="into">The row of the source, counted from the one at which the maps begin.</param>
    /// <param name="kernel">What computes convolutions.</param>
    /// <param name="sums">Room for the sums of one of the kernel's blocks.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Produce(RowRing source, int y, NucleusMaps maps, int into, ConvolutionKernel kernel, int* sums)
    {
        var rows = stackalloc byte*[_convolution.RowCount];
        var inputs = stackalloc byte*[_convolution.InputCount];
        var block = ConvolutionStep.Block(_convolution, source, y, 0, 1, rows, sums);
        _convolution.Select(0, 1, inputs, ref block);
        var first = maps.Types.AsSpan(into * Enlarged * maps.Width, maps.Width);
        for (var x = 0; x < source.Width; x += kernel.Pixels)
        {
            block.Offset = x * block.PixelStride;
            kernel.Accumulate(block, 1);
            var pixels = Math.Min(kernel.Pixels, source.Width - x);
            RowArithmetic.Round(sums, pixels, _convolution.Offsets, (float*)_factors.Start, (float*)_limits.Start);
            for (var i = 0; i < pixels; i++)
            {
                first.Slice((x + i) * Enlarged, Enlarged).Fill((byte)(First + Most(sums + (i * ConvolutionKernel.GroupChannels))));
            }
        }

        for (var row = 1; row < Enlarged; row++)
        {
            first.CopyTo(maps.Types.AsSpan(((into * Enlarged) + row) * maps.Width));
        }
    }

    private int Most(int* logits)
    {
        var most = 0;
        for (var c = 1; c < _convolution.Outputs; c++)
        {
            most = logits[c] > logits[most] ? c : most;
        }

        return most;
    }
}
