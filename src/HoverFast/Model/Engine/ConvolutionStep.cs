namespace HoverFast.Model.Engine;

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
