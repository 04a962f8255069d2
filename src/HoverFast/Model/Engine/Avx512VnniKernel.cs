using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static HoverFast.Model.Engine.Avx512Assembler;

namespace HoverFast.Model.Engine;

/// <summary>
/// Twelve pixels by 32 channels in 24 registers of 512 bits. .NET has no intrinsics for AVX-512's dot products of bytes, so the
/// innermost loop is written as machine code when the program starts, as .NET's own compiler does with all the rest.
/// </summary>
internal sealed unsafe class Avx512VnniKernel : ConvolutionKernel
{
    private const int BlockPixels = 12;
    private readonly delegate* unmanaged[SuppressGCTransition]<ConvolutionBlock*, void> _one;
    private readonly delegate* unmanaged[SuppressGCTransition]<ConvolutionBlock*, void> _two;


    // A row takes some microseconds: the garbage collector need not wait for it.
    private readonly delegate* unmanaged<ConvolutionBlock*, void> _rowOfOne;
    private readonly delegate* unmanaged<ConvolutionBlock*, void> _rowOfTwo;

    private Avx512VnniKernel(nint[] code)
    {
        _one = (delegate* unmanaged[SuppressGCTransition]<ConvolutionBlock*, void>)code[0];
        _two = (delegate* unmanaged[SuppressGCTransition]<ConvolutionBlock*, void>)code[1];
        _rowOfOne = (delegate* unmanaged<ConvolutionBlock*, void>)code[2];
        _rowOfTwo = (delegate* unmanaged<ConvolutionBlock*, void>)code[3];
    }

    public override string Name => "AVX-512 VNNI";

    public override int Pixels => BlockPixels;

    public override int Groups => 2;

    /// <summary>Writes the code; null where the processor can't run it or the system allows no code to be made.</summary>
    public static Avx512VnniKernel? TryCreate()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !Avx512BW.IsSupported || !HasDotProducts())
        {
            return null;
        }

        nint[] code = [ExecutableCode.TryPlace(Write(1, false)), ExecutableCode.TryPlace(Write(2, false)), ExecutableCode.TryPlace(Write(1, true)), ExecutableCode.TryPlace(Write(2, true))];
        return code.Contains(0) ? null : new Avx512VnniKernel(code);
    }

    public override void Accumulate(in ConvolutionBlock block, int groups)
    {
        fixed (ConvolutionBlock* pointer = &block)
        {
            if (groups == 1)
            {
                _one(pointer);
            }
            else
            {
                _two(pointer);
            }
        }
    }

    public override void ConvolveRow(ref ConvolutionBlock block, int groups, int width)
    {
        block.Blocks = (width + BlockPixels - 1) / BlockPixels;
        fixed (ConvolutionBlock* pointer = &block)
        {
            if (groups == 1)
            {
                _rowOfOne(pointer);
            }
            else
            {
                _rowOfTwo(pointer);
            }
        }
    }

    private static bool HasDotProducts()
    {
        const int Avx512Vnni = 1 << 11;
        return X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ecx & Avx512Vnni) != 0;
    }

    // The System V calling convention: the block's address comes in rdi; rbx and rbp are the caller's.
    // A block's sums, or a row's bytes.
    private static byte[] Write(int groups, bool row)
    {
        const Register Block = Register.Rdi, Rows = Register.Rsi, Row = Register.R8, Weights = Register.R9, Second = Register.R10, Stride = Register.Rdx, End = Register.Rbp;
        const int FirstWeights = 24, FirstInput = 26, Inputs = 6;
        Register[] threes = [Register.Rax, Register.Rcx, Register.R11, Register.Rbx];
        Address Field(string name) => new(Block, (int)Marshal.OffsetOf<ConvolutionBlock>(name));
        var sums = BlockPixels * groups;
        var code = new Avx512Assembler();
        code.Push(Register.Rbx);
        code.Push(Register.Rbp);
        var nextBlock = code.Position;
        code.Load(Rows, Field(nameof(ConvolutionBlock.Rows)));
        code.Load(Weights, Field(nameof(ConvolutionBlock.Weights)));
        code.Load(Second, Field(nameof(ConvolutionBlock.SecondWeights)));
        code.Subtract(Second, Weights);
        code.Load(Stride, Field(nameof(ConvolutionBlock.PixelStride)));
        code.Clear(Row);
        for (var i = 0; i < sums; i++)
        {
            code.ClearVector(i);
        }

        var nextRow = code.Position;
        code.Compare(Row, Field(nameof(ConvolutionBlock.ShiftRow)));
        var noShift = code.JumpIfNotEqual();
        for (var i = 0; i < sums; i++)
        {
            code.ShiftLeft(i, PackedConvolution.LowBits);
        }

        code.Land(noShift);
        code.Load(threes[0], new Address(Rows));
        code.Add(Rows, 8);
        code.Add(threes[0], Field(nameof(ConvolutionBlock.Offset)));
        for (var i = 1; i < threes.Length; i++)
        {
            code.LoadAddress(threes[i], new Address(threes[i - 1], 0, Stride, 2));
            code.Add(threes[i], Stride);
        }

        code.Load(End, Field(nameof(ConvolutionBlock.Steps)));
        code.LoadAddress(End, new Address(threes[0], 0, End, StepBytes));
        var nextStep = code.Position;
        code.LoadVector(FirstWeights, new Address(Weights));
        if (groups == 2)
        {
            code.LoadVector(FirstWeights + 1, new Address(Weights, 0, Second));
        }

        for (var pixel = 0; pixel < BlockPixels; pixel++)
        {
            var input = FirstInput + (pixel % Inputs);
            var three = threes[pixel / 3];
            code.Broadcast(input, pixel % 3 == 0 ? new Address(three) : new Address(three, 0, Stride, pixel % 3));
            for (var group = 0; group < groups; group++)
            {
                code.DotProduct((pixel * groups) + group, input, FirstWeights + group);
            }
        }

        code.Add(Weights, GroupChannels * StepBytes);
        foreach (var three in threes)
        {
            code.Add(three, StepBytes);
        }

        code.Compare(threes[0], End);
        code.JumpIfBelow(nextStep);
        code.Add(Row, 1);
        code.Compare(Row, Field(nameof(ConvolutionBlock.RowCount)));
        code.JumpIfBelow(nextRow);
        if (row)
        {
            WriteRequantization(code, groups, Field);
            code.Load(Register.Rax, Field(nameof(ConvolutionBlock.Offset)));
            code.LoadAddress(Register.Rcx, new Address(Stride, 0, Stride, 2));
            code.LoadAddress(Register.Rax, new Address(Register.Rax, 0, Register.Rcx, BlockPixels / 3));
            code.Store(Field(nameof(ConvolutionBlock.Offset)), Register.Rax);
            code.Load(Register.Rax, Field(nameof(ConvolutionBlock.Blocks)));
            code.Add(Register.Rax, -1);
            code.Store(Field(nameof(ConvolutionBlock.Blocks)), Register.Rax);
            code.Clear(Row);
            code.Compare(Row, Register.Rax);
            code.JumpIfBelow(nextBlock);
        }
        else
        {
            code.Load(Rows, Field(nameof(ConvolutionBlock.Sums)));
            for (var i = 0; i < sums; i++)
            {
                code.StoreVector(new Address(Rows, i * GroupChannels * sizeof(int)), i);
            }
        }

        code.ClearUpperHalves();
        code.Pop(Register.Rbp);
        code.Pop(Register.Rbx);
        code.Return();
        return code.ToArray();
    }

    // The same operations in the same order as RowArithmetic.Requantize.
    private static void WriteRequantization(Avx512Assembler code, int groups, Func<string, Address> field)
    {
        const Register Result = Register.Rsi, ResultStride = Register.Rcx;
        const int Offsets = 24, Factors = 26, ZeroPoint = 28, Zero = 29;
        code.Load(Register.Rax, field(nameof(ConvolutionBlock.Offsets)));
        code.Load(ResultStride, field(nameof(ConvolutionBlock.Factors)));
        for (var group = 0; group < groups; group++)
        {
            code.LoadVector(Offsets + group, new Address(Register.Rax, group * GroupChannels * sizeof(int)));
            code.LoadVector(Factors + group, new Address(ResultStride, group * GroupChannels * sizeof(float)));
        }

        code.Broadcast(ZeroPoint, field(nameof(ConvolutionBlock.ZeroPoint)));
        code.ClearVector(Zero);
        code.Load(Result, field(nameof(ConvolutionBlock.Result)));
        code.Load(ResultStride, field(nameof(ConvolutionBlock.ResultStride)));
        for (var pixel = 0; pixel < BlockPixels; pixel++)
        {
            for (var group = 0; group < groups; group++)
            {
                var sum = (pixel * groups) + group;
                code.AddVectors(sum, sum, Offsets + group);
                code.ToFloats(sum, sum);
                code.MultiplyFloats(sum, sum, Factors + group);
                code.ToWholes(sum, sum);
                code.AddVectors(sum, sum, ZeroPoint);
                code.Max(sum, sum, Zero);
                code.StoreBytes(new Address(Result, group * GroupChannels), sum);
            }

            code.Add(Result, ResultStride);
        }

        code.Store(field(nameof(ConvolutionBlock.Result)), Result);
    }
}
