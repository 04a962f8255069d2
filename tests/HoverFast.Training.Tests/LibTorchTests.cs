using System.Buffers.Binary;
using System.Text;
using HoverFast.Training.Networks;
using HoverFast.Training.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HoverFast.Training.Tests;

public sealed class LibTorchTests
{
    public LibTorchTests() => LibTorch.Prepare(1);

    [Theory]
    [InlineData(16, 32, 3)]
    [InlineData(48, 64, 3)]
    [InlineData(96, 96, 3)]
    [InlineData(128, 96, 1)]
    [InlineData(64, 16, 1)]
    public void ConvolutionsAsTheNetworkUsesThemAreRight(int inputs, int outputs, int kernel)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var x = randn([2, inputs, 20, 28], dtype: ScalarType.Float64, generator: random);
        var w = randn([outputs, inputs, kernel, kernel], dtype: ScalarType.Float64, generator: random) / Math.Sqrt(inputs * kernel * kernel);
        var (expected, expectedGradient) = Convolve(x, w, ScalarType.Float64, kernel);

        foreach (var (type, tolerance) in new[] { (ScalarType.Float32, 1e-4), (ScalarType.BFloat16, 4e-2) })
        {
            var (result, gradient) = Convolve(UNet.ChannelsLast(x.to(type)), UNet.ChannelsLast(w.to(type)), type, kernel);
            Assert.True((result.to(ScalarType.Float64) - expected).abs().max().ToDouble() < tolerance * 4, $"{type} output");
            Assert.True(
                (gradient.to(ScalarType.Float64) - expectedGradient).abs().max().ToDouble() < tolerance * expectedGradient.abs().max().ToDouble(),
                $"{type} gradient");
        }
    }

    [Fact]
    public void MarksTheNeedOfASymbolVersionWeakAndNothingElse()
    {
        var elf = ElfNeeding("GLIBCXX_3.4.30", "GLIBCXX_3.4.32");
        var before = (byte[])elf.Clone();

        Assert.True(LibTorch.MarkWeak(elf, "GLIBCXX_3.4.32"));
        Assert.Equal([0xB4], Enumerable.Range(0, elf.Length).Where(i => elf[i] != before[i]).Select(i => i));
        Assert.False(LibTorch.MarkWeak(elf, "GLIBCXX_3.4.32"));
        Assert.False(LibTorch.MarkWeak(new byte[200], "GLIBCXX_3.4.32"));
    }

    private static (Tensor Output, Tensor Gradient) Convolve(Tensor x, Tensor w, ScalarType type, int kernel)
    {
        var weight = w.detach();
        weight.requires_grad = true;
        var y = nn.functional.conv2d(x, weight, padding: [kernel / 2, kernel / 2]);
        y.backward([ones_like(y)]);
        return (y.detach(), weight.grad!.to(type));
    }

    // A 64-bit ELF header, two section headers (.gnu.version_r and its strings), one need with two versions.
    private static byte[] ElfNeeding(string first, string second)
    {
        var elf = new byte[0x200];
        BinaryPrimitives.WriteUInt32BigEndian(elf, 0x7f454c46);
        (elf[4], elf[5]) = (2, 1);
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(0x28), 0x100);
        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(0x3a), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(0x3c), 2);
        BinaryPrimitives.WriteInt32LittleEndian(elf.AsSpan(0x104), 0x6ffffffe);
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(0x118), 0x80);
        BinaryPrimitives.WriteInt32LittleEndian(elf.AsSpan(0x128), 1);
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(0x158), 0xC0);
        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(0x82), 2);
        BinaryPrimitives.WriteInt32LittleEndian(elf.AsSpan(0x88), 0x10);
        BinaryPrimitives.WriteInt32LittleEndian(elf.AsSpan(0x98), 1);
        BinaryPrimitives.WriteInt32LittleEndian(elf.AsSpan(0x9C), 0x20);
        BinaryPrimitives.WriteInt32LittleEndian(elf.AsSpan(0xB8), 1 + first.Length + 1);
        Encoding.ASCII.GetBytes($"\0{first}\0{second}\0").CopyTo(elf, 0xC0);
        return elf;
    }
}
