namespace HoverFast.Model.Engine;

/// <summary>
/// A convolution's weights as the kernels read them: by groups of 16 output channels, then kernel row, then step of 4 input bytes, then
/// channel. Output channels are filled up to a multiple of 16 with zeros.
/// </summary>
internal sealed unsafe class PackedConvolution
{
    /// <summary>Weights of 15 bits are a high byte times 2 to this power, plus a low byte.</summary>
    public const int LowBits = 7;

    /// <summary>The largest weight of 15 bits.</summary>
    public const int LargestWide = 127 << LowBits;

    private readonly AlignedMemory _weights;
    private readonly AlignedMemory _offsets;
    private readonly AlignedMemory _factors;
    private readonly nint _groupBytes;

    /// <summary>Packs weights.</summary>
    /// <param name="weights">(out, in, side, side), row-major, -127 to 127, or -<see cref="LargestWide"/> to it.</param>
    /// <param name="bias">(out), in units of the sums.</param>
    /// <param name="factors">(out): what a sum is multiplied by to give the output's unit.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="side">The kernel's side.</param>
    /// <param name="zeroPoint">The input byte that stands for 0.</param>
    /// <param name="wide">Whether the weights have 15 bits.</param>
    public PackedConvolution(ReadOnlySpan<int> weights, ReadOnlySpan<int> bias, ReadOnlySpan<float> factors, int inputs, int side, byte zeroPoint, bool wide)
    {
        Outputs = bias.Length;
        Side = side;
        Steps = ((side * inputs) + ConvolutionKernel.StepBytes - 1) / ConvolutionKernel.StepBytes;
        ShiftRow = wide ? side : 0;
        RowCount = wide ? 2 * side : side;
        Groups = (Outputs + ConvolutionKernel.GroupChannels - 1) / ConvolutionKernel.GroupChannels;
        _groupBytes = (nint)RowCount * Steps * ConvolutionKernel.StepBytes * ConvolutionKernel.GroupChannels;
        _weights = new AlignedMemory(Groups * _groupBytes);
        _offsets = new AlignedMemory(Groups * ConvolutionKernel.GroupChannels * sizeof(int));
        _factors = new AlignedMemory(Groups * ConvolutionKernel.GroupChannels * sizeof(float));
        for (var o = 0; o < Outputs; o++)
        {
            var sum = 0;
            for (var i = 0; i < inputs; i++)
            {
                for (var row = 0; row < side; row++)
                {
                    for (var column = 0; column < side; column++)
                    {
                        var weight = weights[(((((o * inputs) + i) * side) + row) * side) + column];
                        sum += weight;
                        var high = wide ? (weight + (1 << (LowBits - 1))) >> LowBits : 0;
                        if (wide)
                        {
                            *At(o, row, (column * inputs) + i) = checked((sbyte)high);
                        }

                        *At(o, row + ShiftRow, (column * inputs) + i) = checked((sbyte)(weight - (high << LowBits)));
                    }
                }
            }

            Offsets(0)[o] = bias[o] - (zeroPoint * sum);
            Factors(0)[o] = factors[o];
        }
    }

    /// <summary>Output channels.</summary>
    public int Outputs { get; }

    /// <summary>Output channels, in groups of 16.</summary>
    public int Groups { get; }

    /// <summary>The kernel's side.</summary>
    public int Side { get; }

    /// <summary>Rows that a block's sums go over: the kernel's, twice for weights of 15 bits.</summary>
    public int RowCount { get; }

    /// <summary>Steps of a row.</summary>
    public int Steps { get; }

    /// <summary>See <see cref="ConvolutionBlock.ShiftRow"/>.</summary>
    public int ShiftRow { get; }

    /// <summary>Weights of a group.</summary>
    public sbyte* Weights(int group) => (sbyte*)_weights.Start + (group * _groupBytes);

    /// <summary>What is added to the sums of a group: bias and the input's zero point.</summary>
    public int* Offsets(int group) => (int*)_offsets.Start + (group * ConvolutionKernel.GroupChannels);

    /// <summary>What a group's sums are multiplied by.</summary>
    public float* Factors(int group) => (float*)_factors.Start + (group * ConvolutionKernel.GroupChannels);

    private sbyte* At(int output, int row, int position) => Weights(output / ConvolutionKernel.GroupChannels)
        + ((((row * Steps) + (position / ConvolutionKernel.StepBytes)) * ConvolutionKernel.GroupChannels) + (output % ConvolutionKernel.GroupChannels)) * ConvolutionKernel.StepBytes
        + (position % ConvolutionKernel.StepBytes);
}
