namespace HoverFast.Model.Engine;

/// <summary>
/// The sums of products of a convolution, for a block of neighbouring pixels and one or two groups of 16 output channels: nearly all
/// that a network costs. Every kernel gives the same bytes as <see cref="ScalarKernel"/>.
/// </summary>
internal abstract unsafe class ConvolutionKernel
{
    /// <summary>Output channels in a group: the weights are packed by such groups.</summary>
    public const int GroupChannels = 16;

    /// <summary>Input bytes that one step multiplies for each output channel.</summary>
    public const int StepBytes = 4;

    /// <summary>The environment variable that may name another kernel than the fastest, to test and measure.</summary>
    public const string Variable = "HOVERFAST_KERNEL";

    /// <summary>The kernels that this machine runs and that beat ONNX Runtime on it, the fastest first.</summary>
    public static IReadOnlyList<ConvolutionKernel> Available { get; } = [.. Find()];

    /// <summary>What it runs on, for people.</summary>
    public abstract string Name { get; }

    /// <summary>Neighbouring pixels of one block.</summary>
    public abstract int Pixels { get; }

    /// <summary>Groups that one call may take: 1 or 2.</summary>
    public abstract int Groups { get; }

    /// <summary>
    /// What the kernel takes off every byte of the input before it multiplies: 128 where the processor multiplies signed bytes only. The
    /// offsets of a <see cref="PackedConvolution"/> give it back.
    /// </summary>
    public virtual byte InputOffset => 0;

    /// <summary>
    /// What a pair of neighbouring weights of one sign may add up to; a step with a pair beyond it is packed as two of words of 16 bits.
    /// Kernels that set it read <see cref="ConvolutionBlock.StepInputs"/> and take one group.
    /// </summary>
    public virtual int LargestPair => 2 * sbyte.MaxValue;

    /// <summary>Whether <see cref="WinogradConvolution"/> is faster for what it suits.</summary>
    public virtual bool UsesWinograd => false;

    /// <summary>The kernel to run.</summary>
    /// <param name="name">Its <see cref="Name"/>, in capitals or not, or null for the fastest.</param>
    /// <returns>The kernel, or null where none was named and ONNX Runtime is faster than any.</returns>
    /// <exception cref="PlatformNotSupportedException">This machine has no kernel of that name.</exception>
    public static ConvolutionKernel? Choose(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return Available.Count == 0 ? null : Available[0];
        }

        var all = Available.Append(new ScalarKernel()).ToList();
        return all.Find(k => k.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new PlatformNotSupportedException($"this machine has no kernel '{name}'; it has {string.Join(", ", all.Select(k => k.Name))}.");
    }

    /// <summary>Computes a block's sums, less what <see cref="InputOffset"/> takes off.</summary>
    /// <param name="block">Where everything lies.</param>
    /// <param name="groups">1 or 2.</param>
    public abstract void Accumulate(in ConvolutionBlock block, int groups);

    /// <summary>Computes the sums of a row and turns them into bytes, as <see cref="RowArithmetic.Requantize"/> does.</summary>
    /// <param name="block">The row's first block, and where its bytes shall go; it is moved along the row.</param>
    /// <param name="groups">1 or 2.</param>
    /// <param name="width">
    /// Pixels of the row. Up to <see cref="Pixels"/> - 1 pixels of the result behind them may be overwritten with bytes that mean nothing.
    /// </param>
    public virtual void ConvolveRow(ref ConvolutionBlock block, int groups, int width)
    {
        for (var x = 0; x < width; x += Pixels)
        {
            Accumulate(block, groups);
            for (var i = 0; i < groups; i++)
            {
                RowArithmetic.Requantize(
                    block.Sums + (i * GroupChannels),
                    groups * GroupChannels,
                    Math.Min(Pixels, width - x),
                    block.Offsets + (i * GroupChannels),
                    block.Factors + (i * GroupChannels),
                    (byte)block.ZeroPoint,
                    block.Result + (i * GroupChannels),
                    block.ResultStride);
            }

            block.Offset += Pixels * block.PixelStride;
            block.Result += Pixels * block.ResultStride;
        }
    }

    private static IEnumerable<ConvolutionKernel> Find()
    {
        if (Avx512VnniKernel.TryCreate(Avx512VnniKernel.FullBits) is { } full)
        {
            yield return full;
        }

        if (Avx512VnniKernel.TryCreate(Avx512VnniKernel.HalfBits) is { } half)
        {
            yield return half;
        }

        if (AvxVnniKernel.IsSupported)
        {
            yield return new AvxVnniKernel();
        }

        if (Avx2Kernel.IsSupported)
        {
            yield return new Avx2Kernel();
        }

        if (NeonDotProductKernel.IsSupported)
        {
            yield return new NeonDotProductKernel();
        }

        if (NeonKernel.IsSupported)
        {
            yield return new NeonKernel();
        }
    }
}
