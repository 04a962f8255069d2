using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static HoverFast.Model.Engine.Avx512Assembler;

namespace HoverFast.Model.Engine;

/// <summary>
/// Twelve pixels in 24 registers: by 32 channels where they have 512 bits, by 16 where 256. .NET has no intrinsics for AVX-512's dot
/// products of bytes, so the innermost loop is written as machine code when the program starts, as .NET's own compiler does with all the rest.
/// </summary>
internal sealed unsafe class Avx512VnniKernel : ConvolutionKernel
{
    /// <summary>Bits of a register of AVX-512 and of most processors with AVX10.</summary>
    public const int FullBits = 512;

    /// <summary>Bits of a register of processors with AVX10/256.</summary>
    public const int HalfBits = 256;

    private const int BlockPixels = 12;
    private readonly int _bits;
    private readonly delegate* unmanaged[SuppressGCTransition]<ConvolutionBlock*, void> _one;
    private readonly delegate* unmanaged[SuppressGCTransition]<ConvolutionBlock*, void> _two;

    // A row takes some microseconds: the garbage collector need not wait for it.
    private readonly delegate* unmanaged<ConvolutionBlock*, void> _rowOfOne;
    private readonly delegate* unmanaged<ConvolutionBlock*, void> _rowOfTwo;

    private Avx512VnniKernel(int bits, nint[] code)
    {
        _bits = bits;
        _one = (delegate* unmanaged[SuppressGCTransition]<ConvolutionBlock*, void>)code[0];
        _rowOfOne = (delegate* unmanaged<ConvolutionBlock*, void>)code[1];
        _two = (delegate* unmanaged[SuppressGCTransition]<ConvolutionBlock*, void>)code[^2];
        _rowOfTwo = (delegate* unmanaged<ConvolutionBlock*, void>)code[^1];
    }

    public override string Name => _bits == FullBits ? "AVX-512 VNNI" : "AVX-512 VNNI 256";

    public override int Pixels => BlockPixels;

    public override int Groups => GroupsOf(_bits);

    /// <summary>Writes the code; null where the processor can't run it or the system allows no code to be made.</summary>
    /// <param name="bits"><see cref="FullBits"/> or <see cref="HalfBits"/>.</param>
    public static Avx512VnniKernel? TryCreate(int bits)
    {
        if (!(OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
            || RuntimeInformation.ProcessArchitecture != Architecture.X64
            || !HasRegisters(bits)
            || !HasDotProducts())
        {
            return null;
        }

        var code = new List<nint>();
        for (var groups = 1; groups <= GroupsOf(bits); groups++)
        {
            code.Add(ExecutableCode.TryPlace(Write(bits, groups, row: false, OperatingSystem.IsWindows())));
            code.Add(ExecutableCode.TryPlace(Write(bits, groups, row: true, OperatingSystem.IsWindows())));
        }

        return code.Contains(0) ? null : new Avx512VnniKernel(bits, [.. code]);
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

    /// <summary>Writes a function that takes the address of a block.</summary>
    /// <param name="bits">Bits of a vector register.</param>
    /// <param name="groups">Groups of 16 channels.</param>
    /// <param name="row">Whether it makes a row's bytes, or a block's sums.</param>
    /// <param name="windows">Whether it is called as Windows calls functions, or as Linux does.</param>
    internal static byte[] Write(int bits, int groups, bool row, bool windows)
    {
        const Register Block = Register.Rdi,
            Rows = Register.Rsi,
            Row = Register.R8,
            Weights = Register.R9,
            Second = Register.R10,
            Stride = Register.Rdx,
            End = Register.Rbp;
        const int FirstWeights = 24,
            FirstInput = 26,
            Inputs = 6;
        Register[] threes = [Register.Rax, Register.Rcx, Register.R11, Register.Rbx];
        Address Field(string name) => new(Block, (int)Marshal.OffsetOf<ConvolutionBlock>(name));
        var vectorBytes = bits / 8;
        var vectors = groups * GroupChannels * sizeof(int) / vectorBytes;
        var sums = BlockPixels * vectors;
        var code = new Avx512Assembler(vectorBytes);
        Enter(code, windows);
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
        if (vectors == 2)
        {
            code.LoadVector(FirstWeights + 1, groups == 2 ? new Address(Weights, 0, Second) : new Address(Weights, vectorBytes));
        }

        for (var pixel = 0; pixel < BlockPixels; pixel++)
        {
            var input = FirstInput + (pixel % Inputs);
            var three = threes[pixel / 3];
            code.Broadcast(input, pixel % 3 == 0 ? new Address(three) : new Address(three, 0, Stride, pixel % 3));
            for (var vector = 0; vector < vectors; vector++)
            {
                code.DotProduct((pixel * vectors) + vector, input, FirstWeights + vector);
            }
        }

        code.Add(Weights, (sbyte)(GroupChannels * StepBytes));
        foreach (var three in threes)
        {
            code.Add(three, (sbyte)StepBytes);
        }

        code.Compare(threes[0], End);
        code.JumpIfBelow(nextStep);
        code.Add(Row, (sbyte)1);
        code.Compare(Row, Field(nameof(ConvolutionBlock.RowCount)));
        code.JumpIfBelow(nextRow);
        if (row)
        {
            WriteRequantization(code, vectors, vectorBytes, Field);
            code.Load(Register.Rax, Field(nameof(ConvolutionBlock.Offset)));
            code.LoadAddress(Register.Rcx, new Address(Stride, 0, Stride, 2));
            code.LoadAddress(Register.Rax, new Address(Register.Rax, 0, Register.Rcx, BlockPixels / 3));
            code.Store(Field(nameof(ConvolutionBlock.Offset)), Register.Rax);
            code.Load(Register.Rax, Field(nameof(ConvolutionBlock.Blocks)));
            code.Add(Register.Rax, (sbyte)-1);
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
                code.StoreVector(new Address(Rows, i * vectorBytes), i);
            }
        }

        Leave(code, windows);
        return code.ToArray();
    }

    private static int GroupsOf(int bits) => bits / HalfBits;

    private static bool HasRegisters(int bits) => bits == FullBits ? Avx512BW.IsSupported : Avx512BW.VL.IsSupported || Avx10v1.IsSupported;

    private static bool HasDotProducts()
    {
        const int Avx512Vnni = 1 << 11;
        return X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ecx & Avx512Vnni) != 0;
    }

    // The block's address comes in rdi, and rbx and rbp are the caller's (System V); or it comes in rcx, and rdi, rsi and the lower halves
    // of vector registers 6 to 15 are the caller's too (Windows).
    private static void Enter(Avx512Assembler code, bool windows)
    {
        code.Push(Register.Rbx);
        code.Push(Register.Rbp);
        if (!windows)
        {
            return;
        }

        code.Push(Register.Rsi);
        code.Push(Register.Rdi);
        code.Add(Register.Rsp, -KeptVectors * KeptBytes);
        for (var i = 0; i < KeptVectors; i++)
        {
            code.StoreLow(new Address(Register.Rsp, i * KeptBytes), FirstKeptVector + i);
        }

        code.Move(Register.Rdi, Register.Rcx);
    }

    private static void Leave(Avx512Assembler code, bool windows)
    {
        code.ClearUpperHalves();
        if (windows)
        {
            for (var i = 0; i < KeptVectors; i++)
            {
                code.LoadLow(FirstKeptVector + i, new Address(Register.Rsp, i * KeptBytes));
            }

            code.Add(Register.Rsp, KeptVectors * KeptBytes);
            code.Pop(Register.Rdi);
            code.Pop(Register.Rsi);
        }

        code.Pop(Register.Rbp);
        code.Pop(Register.Rbx);
        code.Return();
    }

    private const int FirstKeptVector = 6;
    private const int KeptVectors = 10;
    private const int KeptBytes = 16;

    // The same operations in the same order as RowArithmetic.Requantize.
    private static void WriteRequantization(Avx512Assembler code, int vectors, int vectorBytes, Func<string, Address> field)
    {
        const Register Result = Register.Rsi, ResultStride = Register.Rcx;
        const int Offsets = 24, Factors = 26, ZeroPoint = 28, Zero = 29;
        code.Load(Register.Rax, field(nameof(ConvolutionBlock.Offsets)));
        code.Load(ResultStride, field(nameof(ConvolutionBlock.Factors)));
        for (var vector = 0; vector < vectors; vector++)
        {
            code.LoadVector(Offsets + vector, new Address(Register.Rax, vector * vectorBytes));
            code.LoadVector(Factors + vector, new Address(ResultStride, vector * vectorBytes));
        }

        code.Broadcast(ZeroPoint, field(nameof(ConvolutionBlock.ZeroPoint)));
        code.ClearVector(Zero);
        code.Load(Result, field(nameof(ConvolutionBlock.Result)));
        code.Load(ResultStride, field(nameof(ConvolutionBlock.ResultStride)));
        for (var pixel = 0; pixel < BlockPixels; pixel++)
        {
            for (var vector = 0; vector < vectors; vector++)
            {
                var sum = (pixel * vectors) + vector;
                code.AddVectors(sum, sum, Offsets + vector);
                code.ToFloats(sum, sum);
                code.MultiplyFloats(sum, sum, Factors + vector);
                code.ToWholes(sum, sum);
                code.AddVectors(sum, sum, ZeroPoint);
                code.Max(sum, sum, Zero);
                code.StoreBytes(new Address(Result, vector * (vectorBytes / sizeof(int))), sum);
            }

            code.Add(Result, ResultStride);
        }

        code.Store(field(nameof(ConvolutionBlock.Result)), Result);
    }
}
