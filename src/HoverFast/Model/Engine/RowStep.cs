namespace HoverFast.Model.Engine;

/// <summary>One operation of a network that makes rows of its result from rows of earlier steps' results.</summary>
/// <param name="sources">Numbers of the steps that it takes rows from.</param>
/// <param name="scale">Pixels of the network's picture on a side of one pixel of the result.</param>
/// <param name="channels">Channels of the result.</param>
/// <param name="zeroPoint">The byte of the result that stands for 0.</param>
internal abstract unsafe class RowStep(IReadOnlyList<int> sources, int scale, int channels, byte zeroPoint)
{
    /// <summary>Numbers of the steps that it takes rows from.</summary>
    public IReadOnlyList<int> Sources { get; } = sources;

    /// <summary>Pixels of the network's picture on a side of one pixel of the result.</summary>
    public int Scale { get; } = scale;

    /// <summary>Channels of the result.</summary>
    public int Channels { get; } = channels;

    /// <summary>The byte of the result that stands for 0.</summary>
    public byte ZeroPoint { get; } = zeroPoint;

    /// <summary>Pixels beyond a row's ends that the step reads in its sources.</summary>
    public virtual int Border => 0;

    /// <summary>Pixels of a source from one pixel of the result to the next.</summary>
    public virtual int Stride => 1;

    /// <summary>Room that the step works in, in bytes.</summary>
    public virtual int ScratchBytes => 0;

    /// <summary>The rows of a source that a row of the result depends on, which may lie outside of the picture.</summary>
    /// <param name="source">Index in <see cref="Sources"/>.</param>
    /// <param name="y">The row.</param>
    public abstract (int First, int Last) SourceRows(int source, int y);

    /// <summary>Makes rows.</summary>
    /// <param name="sources">Results of the steps that it takes rows from.</param>
    /// <param name="result">Takes the rows.</param>
    /// <param name="from">The first row to make.</param>
    /// <param name="to">The row to stop before.</param>
    /// <param name="kernel">What computes convolutions.</param>
    /// <param name="sums">Room for the sums of one of the kernel's blocks, and <see cref="ScratchBytes"/>.</param>
    public abstract void Produce(RowRing[] sources, RowRing result, int from, int to, ConvolutionKernel kernel, int* sums);
}

/// <summary>Step 0: the picture itself, red, green and blue; its rows are filled in by <see cref="EngineRun"/>.</summary>
internal sealed unsafe class PictureStep(byte zeroPoint) : RowStep([], 1, 3, zeroPoint)
{
    public override (int First, int Last) SourceRows(int source, int y) => throw new NotSupportedException();

    public override void Produce(RowRing[] sources, RowRing result, int from, int to, ConvolutionKernel kernel, int* sums) => throw new NotSupportedException();
}

/// <summary>A convolution, its ReLU and the rounding to bytes.</summary>
internal sealed unsafe class ConvolutionStep(int source, int scale, PackedConvolution convolution, int stride, byte zeroPoint)
    : RowStep([source], scale, convolution.Outputs, zeroPoint)
{
    public override int Border { get; } = (convolution.Side - stride + 1) / 2;

    public override int Stride => stride;

    public override int ScratchBytes => UsesWinograd ? WinogradConvolution.ScratchBytes(convolution.Inputs) : 0;

    private bool UsesWinograd => stride == 1 && convolution.IsTransformed;

    public override (int First, int Last) SourceRows(int source, int y) => ((y * stride) - Border, (y * stride) - Border + convolution.Side - 1);

    public override void Produce(RowRing[] sources, RowRing result, int from, int to, ConvolutionKernel kernel, int* sums)
    {
        var rows = stackalloc byte*[convolution.RowCount];
        var inputs = stackalloc byte*[convolution.InputCount];

        var made = from;
        for (; UsesWinograd && made + 2 <= to; made += 2)
        {
            MakeTwo(sources[0], result, made, (byte*)sums);
        }

        // Group by group over all rows, so that a group's weights stay in the cache next to the processor.
        for (var group = 0; group < convolution.Groups; group += kernel.Groups)
        {
            var groups = Math.Min(kernel.Groups, convolution.Groups - group);
            for (var y = made; y < to; y++)
            {
                var block = Block(convolution, sources[0], (y * stride) - Border, Border, stride, rows, sums);
                convolution.Select(group, groups, inputs, ref block);
                block.ZeroPoint = ZeroPoint;
                block.Result = result.Row(y) + (group * ConvolutionKernel.GroupChannels);
                block.ResultStride = Channels;
                kernel.ConvolveRow(ref block, groups, result.Width);
            }
        }

        for (var y = from; y < to; y++)
        {
            result.CloseRow(y);
        }
    }

    private void MakeTwo(RowRing source, RowRing result, int y, byte* scratch)
    {
        const int Rows = 4;
        var rows = stackalloc byte*[Rows];
        for (var row = 0; row < Rows; row++)
        {
            rows[row] = source.Row(y - Border + row) - (Border * source.Channels);
        }

        WinogradConvolution.ConvolveTwoRows(convolution, rows, source.Channels, result.Row(y), result.Row(y + 1), result.Width, ZeroPoint, scratch);
    }

    /// <summary>A block whose groups (see <see cref="PackedConvolution.Select"/>) and offset are still to be set.</summary>
    internal static ConvolutionBlock Block(PackedConvolution convolution, RowRing source, int firstRow, int border, int stride, byte** rows, int* sums)
    {
        for (var row = 0; row < convolution.RowCount; row++)
        {
            rows[row] = source.Row(firstRow + (row % convolution.Side)) - (border * source.Channels);
        }

        return new ConvolutionBlock
        {
            Rows = rows,
            RowCount = convolution.RowCount,
            ShiftRow = convolution.ShiftRow,
            PixelStride = stride * source.Channels,
            Steps = convolution.Steps,
            Sums = sums,
        };
    }
}

/// <summary>The largest of each two by two pixels.</summary>
internal sealed unsafe class MaxPoolStep(int source, int scale, int channels, byte zeroPoint) : RowStep([source], scale, channels, zeroPoint)
{
    public override int Stride => 2;

    public override (int First, int Last) SourceRows(int source, int y) => (2 * y, (2 * y) + 1);

    public override void Produce(RowRing[] sources, RowRing result, int from, int to, ConvolutionKernel kernel, int* sums)
    {
        for (var y = from; y < to; y++)
        {
            RowArithmetic.MaxPool(sources[0].Row(2 * y), sources[0].Row((2 * y) + 1), sources[0].Width / 2, Channels, result.Row(y));
        }
    }
}

/// <summary>The sum of two results, the first of which may be of half the size: each of its pixels counts for two by two.</summary>
internal sealed unsafe class AddStep(int first, bool halfSize, int second, int scale, int channels, AddFactors factors, byte zeroPoint)
    : RowStep([first, second], scale, channels, zeroPoint)
{
    public override (int First, int Last) SourceRows(int source, int y) => source == 0 && halfSize ? (y / 2, y / 2) : (y, y);

    public override void Produce(RowRing[] sources, RowRing result, int from, int to, ConvolutionKernel kernel, int* sums)
    {
        for (var y = from; y < to; y++)
        {
            RowArithmetic.Add(sources[0].Row(halfSize ? y / 2 : y), halfSize, sources[1].Row(y), sources[1].Width, Channels, factors, result.Row(y));
        }
    }
}
