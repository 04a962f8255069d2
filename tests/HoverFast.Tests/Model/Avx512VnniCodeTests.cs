using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using HoverFast.Model.Engine;
using Xunit;

namespace HoverFast.Tests.Model;

/// <summary>
/// The machine code of <see cref="Avx512VnniKernel"/>: what a disassembler reads in it, and whether a caller by Linux's or by Windows' calling
/// convention gets its sums and finds the registers that are its own as it left them.
/// </summary>
public sealed unsafe class Avx512VnniCodeTests : IDisposable
{
    // What a function has to keep: by Windows' convention all of these, by Linux's neither rsi and rdi nor vectors.
    private static readonly string[] _general = ["rbx", "rbp", "r12", "r13", "r14", "r15", "rsi", "rdi"];
    private static readonly int[] _vectors = [.. Enumerable.Range(6, 10)];
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, int, bool> Shapes =>
        new()
        {
            { 512, 1, false },
            { 512, 2, false },
            { 256, 1, false },
            { 512, 1, true },
            { 512, 2, true },
            { 256, 1, true },
        };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_disassembler_reads_what_was_meant(int bits, int groups, bool windows)
    {
        foreach (var row in new[] { false, true })
        {
            var file = _folder.File("code");
            File.WriteAllBytes(file, Avx512VnniKernel.Write(bits, groups, row, windows));
            var listing = Tool("objdump", "-D", "-b", "binary", "-m", "i386:x86-64", file);
            Assert.DoesNotContain("(bad)", listing, StringComparison.Ordinal);
            int Count(string pattern) => Regex.Count(listing, pattern, RegexOptions.None, TimeSpan.FromSeconds(10));
            var (full, other) = bits == 512 ? ("zmm", "ymm") : ("ymm", "zmm");
            Assert.DoesNotContain(other, listing, StringComparison.Ordinal);

            // 12 pixels, each with 16 channels for each group.
            var vectors = 16 * groups * 32 / bits;
            Assert.Equal(12 * vectors, Count($"vpdpbusd %{full}"));
            // In a row the zero point too.
            Assert.Equal(row ? 13 : 12, Count($@"vpbroadcastd [^%]*\(%r[^)]*\),%{full}(2[6-9]|3[01])"));
            Assert.Equal(row ? 12 * vectors : 0, Count("vpmovusdb"));
            Assert.Equal(1, Count(@"\bret\b"));
            Assert.Equal(Count(@"\bpush\b"), Count(@"\bpop\b"));

            // As the callers' conventions want it: the argument, and what is kept.
            Assert.Equal(windows ? 1 : 0, Count(@"mov +%rcx,%rdi"));
            foreach (var register in _vectors)
            {
                Assert.Equal(windows ? 1 : 0, Count($@"vmovdqu32 %xmm{register},[^,]*\(%rsp\)"));
                Assert.Equal(windows ? 1 : 0, Count($@"vmovdqu32 [^,]*\(%rsp\),%xmm{register}\b"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Callers_get_the_sums_and_keep_their_registers(int bits, int groups, bool windows)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Avx512VnniKernel.TryCreate(bits) is not null,
            $"needs Linux and a processor with AVX-512 VNNI of {bits} bits");
        var caller = (delegate* unmanaged<nint, ConvolutionBlock*, long*, void>)NativeLibrary.GetExport(NativeLibrary.Load(BuildCaller(windows)), "call");
        var code = ExecutableCode.TryPlace(Avx512VnniKernel.Write(bits, groups, row: false, windows));
        Assert.NotEqual(0, code);
        const int Pixels = 12, Inputs = 12, Side = 3;
        var random = new Random(bits + groups);
        var weights = Enumerable.Range(0, 32 * Inputs * Side * Side).Select(_ => random.Next(-127, 128)).ToArray();
        var scalar = new ScalarKernel(Pixels, 2);
        var convolution = new PackedConvolution(weights, new int[32], new float[32], Inputs, Side, 0, wide: false, scalar);
        var memory = new AlignedMemory(4096);
        random.NextBytes(new Span<byte>(memory.Start, 4096));
        var rows = stackalloc byte*[] { memory.Start + 5, memory.Start + 1000, memory.Start + 2001 };
        int[] expected = new int[Pixels * groups * 16], actual = new int[expected.Length];
        long* kept = stackalloc long[_general.Length + (2 * _vectors.Length)];
        fixed (int* e = expected, a = actual)
        {
            var block = new ConvolutionBlock { Rows = rows, RowCount = Side, PixelStride = Inputs, Steps = convolution.Steps, Sums = e };
            convolution.Select(0, groups, null, ref block);
            scalar.Accumulate(block, groups);
            block.Sums = a;
            caller(code, &block, kept);
        }

        GC.KeepAlive(memory);
        GC.KeepAlive(convolution);
        Assert.Equal(expected, actual);
        var general = windows ? _general : _general[..^2];
        Assert.All(Enumerable.Range(0, general.Length), i => Assert.Equal(100 + i, kept[i]));
        if (windows)
        {
            Assert.All(Enumerable.Range(0, 2 * _vectors.Length), i => Assert.Equal(200 + (i / 2), kept[_general.Length + i]));
        }
    }

    [Fact]
    public void The_caller_notices_a_function_that_keeps_nothing()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Avx512VnniKernel.TryCreate(Avx512VnniKernel.FullBits) is not null,
            "needs Linux and a processor with AVX-512 VNNI");
        var caller = (delegate* unmanaged<nint, ConvolutionBlock*, long*, void>)NativeLibrary.GetExport(NativeLibrary.Load(BuildCaller(windows: true)), "call");

        // Linux's function called as Windows would: rdi, rsi and vectors 6 on are lost, if it does not crash; so one that only clears them.
        var code = new Avx512Assembler(64);
        code.Clear(Avx512Assembler.Register.Rdi);
        code.ClearVector(15);
        code.Return();
        long* kept = stackalloc long[_general.Length + (2 * _vectors.Length)];
        caller(ExecutableCode.TryPlace(code.ToArray()), null, kept);
        Assert.Equal(106, kept[6]);
        Assert.Equal(0, kept[7]);
        Assert.Equal(208, kept[_general.Length + 16]);
        Assert.Equal(0, kept[_general.Length + 18]);
    }

    // call(code, block, kept): fills the registers, calls the code with the block, and tells what is in the registers then.
    private string BuildCaller(bool windows)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line(".text\n.globl call\ncall:");
        string[] own = ["rbx", "rbp", "r12", "r13", "r14", "r15"];
        foreach (var register in own)
        {
            Line($"push %{register}");
        }

        // With this the stack is at a multiple of 16, as both conventions want it before a call.
        Line("push %rdx\nmov %rdi, %rax");
        for (var i = 0; i < _vectors.Length; i++)
        {
            Line($"mov ${200 + i}, %ecx\nvmovq %rcx, %xmm{_vectors[i]}\nvpunpcklqdq %xmm{_vectors[i]}, %xmm{_vectors[i]}, %xmm{_vectors[i]}");
        }

        Line("mov %rsi, %rcx");
        for (var i = 0; i < _general.Length; i++)
        {
            Line($"mov ${100 + i}, %{_general[i]}");
        }

        Line(windows ? "sub $32, %rsp\ncall *%rax\nadd $32, %rsp" : "mov %rcx, %rdi\ncall *%rax");
        Line("mov (%rsp), %rdx");
        for (var i = 0; i < _general.Length; i++)
        {
            Line($"mov %{_general[i]}, {8 * i}(%rdx)");
        }

        for (var i = 0; i < _vectors.Length; i++)
        {
            Line($"vmovdqu %xmm{_vectors[i]}, {(8 * _general.Length) + (16 * i)}(%rdx)");
        }

        Line("pop %rdx");
        foreach (var register in own.Reverse())
        {
            Line($"pop %{register}");
        }

        Line("ret\n.section .note.GNU-stack,\"\",@progbits");
        var source = _folder.File("caller.s");
        File.WriteAllText(source, text.ToString());
        var library = _folder.File("caller.so");
        _ = Tool("gcc", "-shared", "-nostdlib", "-o", library, source);
        return library;
    }

    private static string Tool(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"needs {name} (Debian: apt install gcc)");
        }

        using (process)
        {
            var error = process!.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, error.GetAwaiter().GetResult());
            return output;
        }
    }
}
