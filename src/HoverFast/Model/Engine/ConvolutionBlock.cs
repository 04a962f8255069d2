using System.Runtime.InteropServices;

namespace HoverFast.Model.Engine;

/// <summary>
/// A block of a convolution in memory. Output pixel p takes, for each row r, <see cref="Steps"/> x 4 bytes from
/// <see cref="Rows"/>[r] + <see cref="Offset"/> + p x <see cref="PixelStride"/> on: the channels of the pixels under one row of
/// the kernel, which lie side by side.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ConvolutionBlock
{
    /// <summary>The input's rows under the kernel's rows.</summary>
    public byte** Rows;

    /// <summary>Number of rows.</summary>
    public nint RowCount;

    /// <summary>Before this row the sums so far are multiplied by 128 (weights of 15 bits come as two planes of 8); 0 for never.</summary>
    public nint ShiftRow;

    /// <summary>Bytes from a row's pointer to the block's first pixel.</summary>
    public nint Offset;

    /// <summary>Bytes from one output pixel's input to the next one's.</summary>
    public nint PixelStride;

    /// <summary>Steps of 4 bytes for each row.</summary>
    public nint Steps;

    /// <summary>Weights of the first group: for each row, step and channel 4 signed bytes.</summary>
    public sbyte* Weights;

    /// <summary>Weights of the second group.</summary>
    public sbyte* SecondWeights;

    /// <summary>Takes the sums: for each pixel 16 or 32 channels.</summary>
    public int* Sums;

    /// <summary>For a row: what is added to the sums of each channel.</summary>
    public int* Offsets;

    /// <summary>For a row: what the sums of each channel are multiplied by then.</summary>
    public float* Factors;

    /// <summary>For a row: the byte that stands for 0.</summary>
    public nint ZeroPoint;

    /// <summary>For a row: takes 16 or 32 bytes for each pixel.</summary>
    public byte* Result;

    /// <summary>For a row: bytes from one pixel of the result to the next.</summary>
    public nint ResultStride;

    /// <summary>For a row: blocks still to be done.</summary>
    public nint Blocks;

    /// <summary>
    /// For kernels with a <see cref="ConvolutionKernel.LargestPair"/>: the number of steps in bytes, and of those in words that follow them; of
    /// weights of 15 bits for each plane.
    /// </summary>
    public int* StepCounts;

    /// <summary>
    /// For such kernels: each step's input, without <see cref="Offset"/>, in the order of the weights. Steps in words take the bytes 0 and 2
    /// behind it.
    /// </summary>
    public byte** StepInputs;
}
