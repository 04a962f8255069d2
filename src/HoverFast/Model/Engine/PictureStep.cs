namespace HoverFast.Model.Engine;

/// <summary>Step 0: the picture itself, red, green and blue; its rows are filled in by <see cref="EngineRun"/>.</summary>
internal sealed unsafe class PictureStep(byte zeroPoint) : RowStep([], 1, 3, zeroPoint)
{
    public override (int First, int Last) SourceRows(int source, int y) => throw new NotSupportedException();

    public override void Produce(RowRing[] sources, RowRing result, int from, int to, ConvolutionKernel kernel, int* sums) => throw new NotSupportedException();
}
