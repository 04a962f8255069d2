using System.Runtime.InteropServices;

namespace HoverFast.Model.Engine;

/// <summary>
/// A convolution's weights as the kernels read them: by groups of 16 output channels, then kernel row, then step of 4 input bytes, then
/// channel. Output channels are filled up to a multiple of 16 with zeros. For kernels with a <see cref="ConvolutionKernel.LargestPair"/>
/// steps beyond it come last, each as two in words: the first and third weights of all channels, then the second and fourth.
/// </summary>
internal sealed unsafe class PackedConvolution
{
    /// <summary>Weights of 15 bits are a high byte times 2 to this power, plus a low byte.</summary>
    public const int LowBits = 7;

    /// <summary>The largest weight of 15 bits.</summary>
    public const int LargestWide = 127 << LowBits;

    // What no pair adds up to.
    private const int AnyPair = 2 * sbyte.MaxValue;
    private const int CountsOfPlane = 2;
    private const int StepWeights = ConvolutionKernel.GroupChannels * ConvolutionKernel.StepBytes;
    private readonly AlignedMemory _weights;
    private readonly AlignedMemory _offsets;
    private readonly AlignedMemory _factors;
    private readonly AlignedMemory _stepCounts;
    private readonly AlignedMemory? _transformed;

    // By group: where its weights begin, and its steps in their order, for kernels with a limit.
    private readonly int[] _firstWeight;
    private readonly StepPlace[][] _steps;

    /// <summary>Packs weights.</summary>
    /// <param name="weights">(out, in, side, side), row-major, -127 to 127, or -<see cref="LargestWide"/> to it.</param>
    /// <param name="bias">(out), in units of the sums.</param>
    /// <param name="factors">(out): what a sum is multiplied by to give the output's unit.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="side">The kernel's side.</param>
    /// <param name="zeroPoint">The input byte that stands for 0.</param>
    /// <param name="wide">Whether the weights have 15 bits.</param>
    /// <param name="kernel">What will read them.</param>
    public PackedConvolution(
        ReadOnlySpan<int> weights,
        ReadOnlySpan<int> bias,
        ReadOnlySpan<float> factors,
        int inputs,
        int side,
        byte zeroPoint,
        bool wide,
        ConvolutionKernel kernel)
    {
        Outputs = bias.Length;
        Side = side;
        Steps = ((side * inputs) + ConvolutionKernel.StepBytes - 1) / ConvolutionKernel.StepBytes;
        ShiftRow = wide ? side : 0;
        RowCount = wide ? 2 * side : side;
        Groups = (Outputs + ConvolutionKernel.GroupChannels - 1) / ConvolutionKernel.GroupChannels;
        _offsets = new AlignedMemory(Groups * ConvolutionKernel.GroupChannels * sizeof(int));
        _factors = new AlignedMemory(Groups * ConvolutionKernel.GroupChannels * sizeof(float));
        var groupWeights = (nint)RowCount * Steps * StepWeights;
        var plain = new sbyte[Groups * groupWeights];
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
                            plain[At(o, row, (column * inputs) + i)] = checked((sbyte)high);
                        }

                        plain[At(o, row + ShiftRow, (column * inputs) + i)] = checked((sbyte)(weight - (high << LowBits)));
                    }
                }
            }

            ((int*)_offsets.Start)[o] = bias[o] + ((kernel.InputOffset - zeroPoint) * sum);
            ((float*)_factors.Start)[o] = factors[o];
        }

        _transformed = kernel.UsesWinograd && WinogradConvolution.Suits(inputs, side, wide) ? WinogradConvolution.Transform(weights, Outputs, inputs) : null;
        Inputs = inputs;
        _firstWeight = new int[Groups];
        _stepCounts = new AlignedMemory(Groups * Planes * CountsOfPlane * sizeof(int));
        _steps = new StepPlace[Groups][];
        var packed = new List<sbyte>(plain.Length);
        for (var group = 0; group < Groups; group++)
        {
            _firstWeight[group] = packed.Count;
            var steps = new List<StepPlace>();
            for (var plane = 0; plane < Planes; plane++)
            {
                var words = AddPlane(plain, group, plane, kernel.LargestPair, packed, steps);
                Counts(group)[plane * CountsOfPlane] = (side * Steps) - words;
                Counts(group)[(plane * CountsOfPlane) + 1] = 2 * words;
                WordSteps += words;
            }

            _steps[group] = kernel.LargestPair < AnyPair ? [.. steps] : [];
            InputCount = Math.Max(InputCount, _steps[group].Length);
        }

        _weights = new AlignedMemory(packed.Count);
        CollectionsMarshal.AsSpan(packed).CopyTo(new Span<sbyte>(_weights.Start, packed.Count));
    }

    /// <summary>Input channels.</summary>
    public int Inputs { get; }

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

    /// <summary>Steps of all rows and groups whose weights are packed as words.</summary>
    public int WordSteps { get; }

    /// <summary>See <see cref="ConvolutionBlock.ShiftRow"/>.</summary>
    public int ShiftRow { get; }

    /// <summary>
    /// What is added to the sums of each channel: bias, and what the input's zero point and <see cref="ConvolutionKernel.InputOffset"/> come to.
    /// </summary>
    public int* Offsets => (int*)_offsets.Start;

    /// <summary>What the sums of each channel are multiplied by.</summary>
    public float* Factors => (float*)_factors.Start;

    /// <summary>Room that <see cref="Select"/> takes for the steps' inputs.</summary>
    public int InputCount { get; }

    /// <summary>Whether there are <see cref="TransformedWeights"/>.</summary>
    public bool IsTransformed => _transformed is not null;

    private int Planes => RowCount / Side;

    /// <summary>Weights of a group for <see cref="WinogradConvolution"/>.</summary>
    public short* TransformedWeights(int group) => (short*)_transformed!.Start + ((nint)group * ConvolutionKernel.GroupChannels * Inputs * 16);

    /// <summary>Lets a block compute some of the groups.</summary>
    /// <param name="group">The first group.</param>
    /// <param name="groups">1, or 2 for it and the next.</param>
    /// <param name="inputs">Room for <see cref="InputCount"/> addresses.</param>
    /// <param name="block">A block with its rows; gets the groups' weights, steps, offsets and factors.</param>
    public void Select(int group, int groups, byte** inputs, ref ConvolutionBlock block)
    {
        block.Weights = (sbyte*)_weights.Start + _firstWeight[group];
        block.SecondWeights = (sbyte*)_weights.Start + _firstWeight[group + groups - 1];
        block.Offsets = Offsets + (group * ConvolutionKernel.GroupChannels);
        block.Factors = Factors + (group * ConvolutionKernel.GroupChannels);
        block.StepCounts = Counts(group);
        block.StepInputs = inputs;
        var steps = _steps[group];
        for (var i = 0; i < steps.Length; i++)
        {
            inputs[i] = block.Rows[steps[i].Row] + steps[i].Offset;
        }
    }

    private int* Counts(int group) => (int*)_stepCounts.Start + (group * Planes * CountsOfPlane);

    // Adds a group's rows of a plane of weights; steps with a pair beyond the limit last, as words.
    private int AddPlane(ReadOnlySpan<sbyte> plain, int group, int plane, int largestPair, List<sbyte> packed, List<StepPlace> steps)
    {
        var words = new List<sbyte>();
        var wordSteps = new List<StepPlace>();
        for (var at = 0; at < Side * Steps; at++)
        {
            var row = (plane * Side) + (at / Steps);
            var step = plain.Slice(((((group * RowCount) + row) * Steps) + (at % Steps)) * StepWeights, StepWeights);
            var place = new StepPlace(row, at % Steps * ConvolutionKernel.StepBytes);
            var largest = 0;
            for (var i = 0; i < StepWeights; i += 2)
            {
                largest = Math.Max(largest, Math.Abs(step[i] + step[i + 1]));
            }

            if (largest <= largestPair)
            {
                packed.AddRange(step);
                steps.Add(place);
                continue;
            }

            for (var odd = 0; odd < 2; odd++)
            {
                wordSteps.Add(place with { Offset = place.Offset + odd });
                for (var i = odd; i < StepWeights; i += 2)
                {
                    words.Add(step[i]);
                    words.Add((sbyte)(step[i] >> 7));
                }
            }
        }

        packed.AddRange(words);
        steps.AddRange(wordSteps);
        return wordSteps.Count / 2;
    }

    private int At(int output, int row, int position) =>
        ((((((output / ConvolutionKernel.GroupChannels) * RowCount) + row) * Steps) + (position / ConvolutionKernel.StepBytes)) * StepWeights)
        + (output % ConvolutionKernel.GroupChannels * ConvolutionKernel.StepBytes) + (position % ConvolutionKernel.StepBytes);

    /// <summary>Where a step's input lies.</summary>
    /// <param name="Row">Number of the row.</param>
    /// <param name="Offset">Bytes from the first pixel's first byte.</param>
    private readonly record struct StepPlace(int Row, int Offset);
}
