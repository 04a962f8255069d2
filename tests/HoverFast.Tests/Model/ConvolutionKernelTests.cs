using HoverFast.Model;
using HoverFast.Model.Engine;
using HoverFast.Model.Onnx;
using HoverFast.Model.Quantization;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Model;

/// <summary>
/// All kernels that this machine runs against scalar code. Nothing here needs ONNX Runtime, so that tests/run-on-arm64.sh can run this
/// class under emulation.
/// </summary>
public sealed unsafe class ConvolutionKernelTests
{
    /// <summary>The machine's kernels by name, and the scalar one with another block.</summary>
    public static TheoryData<string> Names => [.. ConvolutionKernel.Available.Select(k => k.Name), "scalar"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_gives_the_sums_that_whole_numbers_give(string name)
    {
        const int MemoryBytes = 1 << 17;
        var kernel = Named(name);
        var random = new Random(1);
        var memory = new AlignedMemory(MemoryBytes);
        var rows = stackalloc byte*[20];
        var places = stackalloc byte*[5000];
        for (var trial = 0; trial < 400; trial++)
        {
            // Bytes and weights of all sizes, and such that every pair of products, or every sum, is as large as it can be.
            var (low, high) = (trial % 4) switch { 0 => (0, 256), 1 => (255, 256), 2 => (254, 256), _ => (0, 2) };
            for (var i = 0; i < MemoryBytes; i++)
            {
                memory.Start[i] = (byte)random.Next(low, high);
            }

            var side = (trial % 5) switch { 0 => 1, 1 => 6, 2 => 10, _ => 3 };
            var inputs = random.Next(1, 41);
            var outputs = 16 * random.Next(1, 4);
            var wide = trial % 7 == 0;
            var most = wide ? PackedConvolution.LargestWide : 127;
            var weights = new int[outputs * inputs * side * side];
            var kind = trial / 4 % 5;
            for (var i = 0; i < weights.Length; i++)
            {
                weights[i] = kind switch
                {
                    0 => most,
                    1 => -most,
                    2 => random.Next(2) == 0 ? most : -most,
                    3 => i % 3 == 0 ? -most : random.Next(-1, 2),
                    _ => random.Next(-most, most + 1),
                };
            }

            var convolution = new PackedConvolution(weights, new int[outputs], new float[outputs], inputs, side, 0, wide, kernel);
            for (var row = 0; row < side; row++)
            {
                rows[row] = rows[row + side] = memory.Start + random.Next(1 << 15);
            }

            var groups = random.Next(1, Math.Min(kernel.Groups, convolution.Groups) + 1);
            var group = random.Next(convolution.Groups - groups + 1);
            var sums = new int[kernel.Pixels * groups * 16];
            fixed (int* a = sums)
            {
                var block = new ConvolutionBlock
                {
                    Rows = rows,
                    RowCount = convolution.RowCount,
                    ShiftRow = convolution.ShiftRow,
                    Offset = random.Next(1000),
                    PixelStride = random.Next(1, 129),
                    Steps = convolution.Steps,
                    Sums = a,
                };
                convolution.Select(group, groups, places, ref block);
                kernel.Accumulate(block, groups);
                for (var i = 0; i < sums.Length; i++)
                {
                    var (pixel, channel) = (i / (16 * groups), i % (16 * groups));
                    var expected = 0;
                    for (var input = 0; input < inputs; input++)
                    {
                        for (var row = 0; row < side; row++)
                        {
                            for (var column = 0; column < side; column++)
                            {
                                expected += rows[row][block.Offset + (pixel * block.PixelStride) + (column * inputs) + input]
                                    * weights[(((((((group * 16) + channel) * inputs) + input) * side) + row) * side) + column];
                            }
                        }
                    }

                    Assert.Equal(expected, sums[i] + block.Offsets[channel]);
                }
            }

            GC.KeepAlive(convolution);
        }

        GC.KeepAlive(memory);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_makes_the_rows_of_the_scalar_one(string name)
    {
        var kernel = Named(name);
        var random = new Random(4);
        var memories = new List<AlignedMemory>();
        foreach (
            var (width, inputs, outputs, stride, zeroPoint) in new[]
            {
                (53, 16, 48, 1, 0),
                (12, 16, 16, 1, 100),
                (83, 128, 16, 1, 100),
                (1, 32, 32, 1, 7),
                (1, 3, 32, 1, 7),
                (31, 48, 64, 2, 0),
                (30, 8, 16, 2, 255),
            })
        {
            // Two pairs of rows and one alone.
            const int Rows = 5;
            var weights = Enumerable
                .Range(0, outputs * inputs * 9)
                .Select(i =>
                    (i / (inputs * 9)) switch
                    {
                        0 => 127,
                        1 => -127,
                        2 => i % 2 == 0 ? 127 : -127,
                        _ => random.Next(4) == 0 ? 127 : random.Next(-127, 128),
                    })
                .ToArray();
            var bias = Enumerable.Range(0, outputs).Select(_ => random.Next(-9999, 9999)).ToArray();
            var factors = Enumerable.Range(0, outputs).Select(i => i % 3 == 0 ? 1f / 512 : random.NextSingle() / 200).ToArray();
            var source = Ring(width * stride, Rows * stride, inputs, 7);
            for (var y = 0; y < Rows * stride; y++)
            {
                random.NextBytes(new Span<byte>(source.Row(y), width * stride * inputs));
                new Span<byte>(source.Row(y), width * stride * inputs / 2).Fill((byte)(255 * (y % 2)));
            }

            RowRing Ring(int pixels, int rows, int channels, int zero)
            {
                var shape = new RingShape(pixels, rows, channels, (byte)zero, 1, 30, rows);
                memories.Add(new AlignedMemory(RowRing.Bytes(shape)));
                return new RowRing(shape, memories[^1].Start);
            }

            byte[] Made(ConvolutionKernel by)
            {
                var step = new ConvolutionStep(
                    0,
                    stride,
                    new PackedConvolution(weights, bias, factors, inputs, 3, 7, wide: false, by),
                    stride,
                    (byte)zeroPoint);
                var result = Ring(width, Rows, outputs, zeroPoint);
                var sums = new AlignedMemory(Math.Max(by.Pixels * 32 * sizeof(int), step.ScratchBytes));
                step.Produce([source], result, 0, Rows, by, (int*)sums.Start);
                return [.. Enumerable.Range(0, Rows).SelectMany(y => new Span<byte>(result.Row(y) - outputs, (width + 2) * outputs).ToArray())];
            }

            var expected = Made(new ScalarKernel());
            Assert.True(zeroPoint == 255 || expected.Any(b => b is > 0 and < 255));
            Assert.Equal(expected, Made(kernel));
        }

        GC.KeepAlive(memories);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_runs_the_built_in_students_to_the_bytes_of_the_scalar_one(string name)
    {
        foreach (var model in new[] { "hoverfast-he", "hoverfast-he-fast" })
        {
            var graph = OnnxGraph.Parse(BuiltInModels.Graph(model), model);
            var expected = IntegerEngine.TryCreate(graph, new ScalarKernel(7, 1))!;
            var actual = IntegerEngine.TryCreate(graph, Named(name))!;
            var picture = Stripes(11 * expected.Stride, 3 * expected.Stride);
            var (e, a) = (Run(expected, picture), Run(actual, picture));
            Assert.True(e.Horizontal.Distinct().Count() > 10);
            Assert.Equal(e.Probability, a.Probability);
            Assert.Equal(e.Horizontal, a.Horizontal);
            Assert.Equal(e.Vertical, a.Vertical);
            Assert.Equal(e.Types, a.Types);
        }
    }

    [Fact]
    public void A_kernel_is_chosen_by_its_name_and_a_wrong_name_tells_those_there_are()
    {
        Assert.Equal("scalar", ConvolutionKernel.Choose("SCALAR")!.Name);
        Assert.All(ConvolutionKernel.Available, k => Assert.Same(k, ConvolutionKernel.Choose(k.Name.ToLowerInvariant())));
        Assert.Same(ConvolutionKernel.Available is [var fastest, ..] ? fastest : null, ConvolutionKernel.Choose(null));
        var error = Assert.Throws<PlatformNotSupportedException>(() => ConvolutionKernel.Choose("MMX"));
        Assert.All(ConvolutionKernel.Available, k => Assert.Contains(k.Name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_with_pairs_that_could_saturate_are_packed_in_words_and_no_others()
    {
        // -127 + 127, and what lies in different pairs, can't saturate.
        var weights = new int[16 * 8];
        ((int[])[64, 64, -127, 127, 100, -1, 1, 100]).CopyTo(weights, 0);
        int WordSteps(ConvolutionKernel kernel) => new PackedConvolution(weights, new int[16], new float[16], 8, 1, 0, wide: false, kernel).WordSteps;
        Assert.Equal(0, WordSteps(new NarrowKernel()));
        weights[1] = 65;
        Assert.Equal(1, WordSteps(new NarrowKernel()));
        weights[(15 * 8) + 6] = weights[(15 * 8) + 7] = -65;
        Assert.Equal(2, WordSteps(new NarrowKernel()));
        Assert.Equal(0, WordSteps(new ScalarKernel()));
    }

    [Fact]
    public void Rows_are_rounded_added_and_pooled_as_by_the_scalar_twins()
    {
        const int Pixels = 7, Channels = 48;
        var random = new Random(2);
        var sums = Enumerable.Range(0, Pixels * 32).Select(_ => random.Next(-400_000, 400_000)).ToArray();
        var offsets = Enumerable.Range(0, 16).Select(_ => random.Next(-50_000, 50_000)).ToArray();

        // Factors that make many exact halves.
        var factors = Enumerable.Range(0, 16).Select(i => i % 2 == 0 ? 1f / 1024 : random.NextSingle() / 500).ToArray();
        byte[] first = new byte[2 * Pixels * Channels],
            second = new byte[2 * Pixels * Channels],
            expected = new byte[2 * Pixels * Channels],
            actual = new byte[2 * Pixels * Channels];
        random.NextBytes(first);
        random.NextBytes(second);
        fixed (int* s = sums, o = offsets)
        fixed (float* f = factors)
        fixed (byte* a = first, b = second, e = expected, r = actual)
        {
            foreach (var zeroPoint in new byte[] { 0, 37, 255 })
            {
                RowArithmetic.RequantizeScalar(s, 32, Pixels, o, f, zeroPoint, e, Channels);
                RowArithmetic.Requantize(s, 32, Pixels, o, f, zeroPoint, r, Channels);
                Assert.Equal(expected, actual);
                Assert.Contains(actual, v => v is > 0 and < 255);
            }

            foreach (var half in new[] { false, true })
            {
                var units = AddFactors.Of(new QuantizedRange(0.05f, 144), new QuantizedRange(0.025f, 0), new QuantizedRange(0.05f, 0));
                RowArithmetic.AddScalar(a, half, b, Pixels, Channels, units, e);
                RowArithmetic.Add(a, half, b, Pixels, Channels, units, r);
                Assert.Equal(expected, actual);
            }

            var limits = stackalloc float[16];
            new Span<float>(limits, 16).Fill(127);
            int[] rounded = [.. sums], again = [.. sums];
            fixed (int* p = rounded, q = again)
            {
                RowArithmetic.RoundScalar(p, Pixels, o, f, limits);
                RowArithmetic.Round(q, Pixels, o, f, limits);
            }

            Assert.Equal(rounded, again);
            Assert.Contains(rounded, v => v is > -127 and < 127 and not 0);

            RowArithmetic.MaxPoolScalar(a, b, Pixels, Channels, e);
            RowArithmetic.MaxPool(a, b, Pixels, Channels, r);
            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_head_fills_the_maps_as_its_scalar_twin(int subpixels)
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx2.IsSupported, "no AVX2");
        const int Width = 11;
        var random = new Random(6);
        var outputs = 3 * subpixels * subpixels;
        var head = new HeadStep(
            0,
            new PackedConvolution(new int[outputs * 16], new int[outputs], new float[outputs], 16, 1, 0, wide: true, new ScalarKernel()),
            subpixels);
        var wholes = Enumerable.Range(0, Width * 16).Select(i => i % 16 < subpixels * subpixels ? random.Next(-2048, 2049) : random.Next(-127, 128)).ToArray();
        var expected = new NucleusMaps(Width * subpixels, 3 * subpixels);
        var actual = new NucleusMaps(Width * subpixels, 3 * subpixels);
        fixed (int* w = wholes)
        {
            head.Spread(w, Width, 0, 1, expected, vectors: false);
            head.Spread(w, Width - 4, 0, 1, actual, vectors: true);
            head.Spread(w + ((Width - 4) * 16), 4, Width - 4, 1, actual, vectors: true);
        }

        Assert.Contains(expected.Probability, p => p is > 0 and < 255);
        Assert.Equal(expected.Probability, actual.Probability);
        Assert.Equal(expected.Horizontal, actual.Horizontal);
        Assert.Equal(expected.Vertical, actual.Vertical);
    }

    private static ConvolutionKernel Named(string name) => name == "scalar" ? new ScalarKernel(5, 2) : ConvolutionKernel.Choose(name)!;

    private static NucleusMaps Run(IntegerEngine engine, RgbImage picture)
    {
        var (width, height) = (picture.Width / engine.OutputStride, picture.Height / engine.OutputStride);
        var maps = new NucleusMaps(width, height, types: engine.TellsTypes ? new byte[width * height] : null);
        engine.Run(picture, maps);
        return maps;
    }

    // Dark discs on rose, with noise: what makes the students answer.
    private static RgbImage Stripes(int width, int height)
    {
        var random = new Random(5);
        var image = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (dx, dy) = ((x % 28) - 14, (y % 25) - 12);
                var dark = (dx * dx) + (dy * dy) < 70;
                for (var c = 0; c < 3; c++)
                {
                    image.Row(y)[(x * 3) + c] = (byte)((dark ? 90 + (20 * c) : 225 - (20 * (c % 2))) + random.Next(-15, 16));
                }
            }
        }

        return image;
    }

    /// <summary>Takes what <see cref="Avx2Kernel"/> takes, on any machine.</summary>
    private sealed class NarrowKernel : ConvolutionKernel
    {
        public override string Name => "narrow";

        public override int Pixels => 1;

        public override int Groups => 1;

        public override int LargestPair => 128;

        public override void Accumulate(in ConvolutionBlock block, int groups) => throw new NotSupportedException();
    }
}
