namespace HoverFast.Model.Engine;

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
