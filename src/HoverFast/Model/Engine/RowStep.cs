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
