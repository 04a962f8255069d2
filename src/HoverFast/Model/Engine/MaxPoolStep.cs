namespace HoverFast.Model.Engine;

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
