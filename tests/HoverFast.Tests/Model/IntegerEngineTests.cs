using HoverFast.Model;
using HoverFast.Model.Engine;
using HoverFast.Model.Onnx;
using HoverFast.Model.Quantization;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed unsafe class IntegerEngineTests
{
    public static TheoryData<int[], int[], int[], int, int, bool> Architectures => new()
    {
        { [32, 48, 64, 96], [1, 1, 1, 1], [1, 1, 1], 2, 1, false },
        { [16, 32, 48], [1, 2, 3], [1, 2], 2, 1, false },
        { [16, 48], [2, 1], [2], 1, 1, false },
        { [32, 16, 80], [1, 1, 1], [1, 1], 2, 2, false },
        { [32, 32, 64], [3, 4, 2], [3, 2], 2, 1, true },
    };

    [Fact]
    public void Every_kernel_gives_the_sums_of_the_scalar_one()
    {
        var random = new Random(1);
        var memory = new AlignedMemory(1 << 17);
        random.NextBytes(new Span<byte>(memory.Start, 1 << 17));
        var rows = stackalloc byte*[12];
        foreach (var kernel in Kernels())
        {
            for (var trial = 0; trial < 200; trial++)
            {
                var rowCount = random.Next(1, 13);
                for (var row = 0; row < rowCount; row++)
                {
                    rows[row] = memory.Start + random.Next(1 << 15);
                }

                var groups = random.Next(1, kernel.Groups + 1);
                int[] expected = new int[kernel.Pixels * groups * 16], actual = new int[expected.Length];
                fixed (int* a = expected, b = actual)
                {
                    var block = new ConvolutionBlock
                    {
                        Rows = rows,
                        RowCount = rowCount,
                        ShiftRow = random.Next(rowCount),
                        Offset = random.Next(1000),
                        PixelStride = random.Next(1, 129),
                        Steps = random.Next(1, 40),
                        Weights = (sbyte*)memory.Start + (1 << 16),
                        SecondWeights = (sbyte*)memory.Start + (1 << 16) + random.Next(1 << 14),
                        Sums = a,
                    };
                    new ScalarKernel(kernel.Pixels, kernel.Groups).Accumulate(block, groups);
                    block.Sums = b;
                    kernel.Accumulate(block, groups);
                }

                Assert.Equal(expected, actual);
            }
        }
    }

    [Fact]
    public void Every_kernel_makes_the_rows_of_the_scalar_one()
    {
        const int Width = 53, Inputs = 16, Outputs = 48;
        var random = new Random(4);
        var weights = Enumerable.Range(0, Outputs * Inputs * 9).Select(_ => random.Next(-127, 128)).ToArray();
        var bias = Enumerable.Range(0, Outputs).Select(_ => random.Next(-9999, 9999)).ToArray();
        var factors = Enumerable.Range(0, Outputs).Select(i => i % 3 == 0 ? 1f / 512 : random.NextSingle() / 200).ToArray();
        var memories = new List<AlignedMemory>();
        foreach (var zeroPoint in new byte[] { 0, 100 })
        {
            var step = new ConvolutionStep(0, 1, new PackedConvolution(weights, bias, factors, Inputs, 3, 7, wide: false), 1, zeroPoint);
            var source = Ring(Inputs, 7);
            for (var y = 0; y < 4; y++)
            {
                random.NextBytes(new Span<byte>(source.Row(y), Width * Inputs));
            }

            RowRing Ring(int channels, byte zero)
            {
                var shape = new RingShape(Width, 4, channels, zero, 1, 20, 4);
                memories.Add(new AlignedMemory(RowRing.Bytes(shape)));
                return new RowRing(shape, memories[^1].Start);
            }

            byte[] Rows(ConvolutionKernel kernel)
            {
                var result = Ring(Outputs, zeroPoint);
                var sums = new AlignedMemory(kernel.Pixels * 32 * sizeof(int));
                step.Produce([source], result, 0, 4, kernel, (int*)sums.Start);
                return [.. Enumerable.Range(0, 4).SelectMany(y => new Span<byte>(result.Row(y) - Outputs, (Width + 2) * Outputs).ToArray())];
            }

            var expected = Rows(new ScalarKernel());
            Assert.Contains(expected, b => b is > 0 and < 255);
            Assert.All(Kernels(), k => Assert.Equal(expected, Rows(k)));
            GC.KeepAlive(memories);
        }
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
        byte[] first = new byte[2 * Pixels * Channels], second = new byte[2 * Pixels * Channels], expected = new byte[2 * Pixels * Channels], actual = new byte[2 * Pixels * Channels];
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
        var head = new HeadStep(0, new PackedConvolution(new int[outputs * 16], new int[outputs], new float[outputs], 16, 1, 0, wide: true), subpixels);
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

    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_engine_agrees_with_onnx_runtime(int[] widths, int[] encoder, int[] decoder, int stem, int outputStride, bool residual)
    {
        var architecture = new StudentArchitecture { Widths = widths, EncoderConvolutions = encoder, DecoderConvolutions = decoder, Stem = stem, OutputStride = outputStride, Residual = residual };
        using var folder = new TemporaryFolder();
        using var model = Save(Quantised(architecture, 7), architecture, folder);
        var engine = IntegerEngine.TryCreate(OnnxGraph.Parse(File.ReadAllBytes(model.Path), "test"), ConvolutionKernel.Fastest ?? new ScalarKernel());
        Assert.NotNull(engine);
        Assert.Equal(architecture.Stride, engine.Stride);
        Assert.Equal(outputStride, engine.OutputStride);

        // Not a multiple of any kernel's block.
        var picture = Picture(9, 13 * architecture.Stride, 5 * architecture.Stride);
        var expected = model.Run(picture);
        var actual = new NucleusMaps(expected.Width, expected.Height);
        Assert.Throws<ArgumentException>(() => engine.Run(picture, new NucleusMaps(expected.Width, expected.Height - 1)));

        // Memory of a picture of another size is used again.
        var other = Picture(8, 4 * architecture.Stride, 9 * architecture.Stride);
        engine.Run(other, new NucleusMaps(other.Width / outputStride, other.Height / outputStride));
        engine.Run(picture, actual);

        // First and last convolution have weights that 15 bits hold exactly, so that next to nothing is rounded otherwise.
        Assert.InRange(MostDifferent(expected.Horizontal, actual.Horizontal), 0, 1);
        Assert.InRange(MostDifferent(expected.Vertical, actual.Vertical), 0, 1);
        Assert.True(expected.Horizontal.Distinct().Count() > 50);
        for (var i = 0; i < expected.Width * expected.Height; i++)
        {
            Assert.InRange(actual.Probability[i], expected.Probability[i] - 2, expected.Probability[i] + 2);
        }
    }

    [Fact]
    public void A_first_convolution_of_bytes_is_exact()
    {
        var architecture = new StudentArchitecture { Widths = [16, 32], EncoderConvolutions = [1, 1], DecoderConvolutions = [1] };
        var graph = StudentQuantizer.Quantize(Float(architecture, 5), [Picture(6, 128, 96)], new QuantizationOptions { FloatFirst = false });
        using var folder = new TemporaryFolder();
        using var model = Save(graph, architecture, folder);
        var picture = Picture(9, 100, 60);
        var expected = model.Run(picture);
        var actual = Run(IntegerEngine.TryCreate(graph, ConvolutionKernel.Fastest ?? new ScalarKernel())!, picture);
        Assert.InRange(MeanDifference(expected.Horizontal, actual.Horizontal), 0, 0.001);
        Assert.InRange(MeanDifference(expected.Vertical, actual.Vertical), 0, 0.001);
    }

    [Fact]
    public void All_kernels_and_threads_give_the_same_bytes()
    {
        var architecture = new StudentArchitecture { Widths = [32, 48, 16], EncoderConvolutions = [1, 1, 1], DecoderConvolutions = [1, 1] };
        var graph = Quantised(architecture, 3);
        var scalar = IntegerEngine.TryCreate(graph, new ScalarKernel())!;
        var pictures = Enumerable.Range(0, 4).Select(i => Picture(20 + i, 40 + (8 * i), 48)).ToList();
        var expected = pictures.ConvertAll(p => Run(scalar, p));
        foreach (var kernel in Kernels())
        {
            var engine = IntegerEngine.TryCreate(graph, kernel)!;
            Parallel.For(0, 32, i =>
            {
                var maps = Run(engine, pictures[i % pictures.Count]);
                Assert.Equal(expected[i % pictures.Count].Probability, maps.Probability);
                Assert.Equal(expected[i % pictures.Count].Horizontal, maps.Horizontal);
                Assert.Equal(expected[i % pictures.Count].Vertical, maps.Vertical);
            });
        }
    }

    [Fact]
    public void The_built_in_student_says_the_same_in_both_engines()
    {
        using var reference = NucleusModel.LoadBuiltIn(onnxRuntime: true);
        using var model = NucleusModel.LoadBuiltIn();
        Assert.StartsWith("ONNX Runtime", reference.Engine, StringComparison.Ordinal);
        Assert.SkipWhen(ConvolutionKernel.Fastest is null, "this processor has no dot products of bytes");
        Assert.StartsWith("integer engine", model.Engine, StringComparison.Ordinal);
        var picture = Picture(5, 208, 160);
        var (expected, actual) = (reference.Run(picture), model.Run(picture));
        Assert.InRange(MeanDifference(expected.Horizontal, actual.Horizontal), 0, 1);
        Assert.InRange(MeanDifference(expected.Vertical, actual.Vertical), 0, 1);
        Assert.InRange(MeanDifference(Array.ConvertAll(expected.Probability, p => (sbyte)(p - 128)), Array.ConvertAll(actual.Probability, p => (sbyte)(p - 128))), 0, 1);
    }

    [Fact]
    public void Other_graphs_are_left_to_onnx_runtime()
    {
        var architecture = new StudentArchitecture { Widths = [16, 16], EncoderConvolutions = [1, 1], DecoderConvolutions = [1] };
        var graph = Float(architecture, 1);
        Assert.Null(IntegerEngine.TryCreate(graph, new ScalarKernel()));
        Assert.Null(IntegerEngine.TryCreate(StudentQuantizer.Quantize(graph, [Picture(1, 64, 64)], new QuantizationOptions { FloatLast = false }), new ScalarKernel()));
        var other = new OnnxGraph("other");
        var image = other.Input("image", OnnxType.UInt8, 1, "height", "width", 3);
        other.Output("probability", other.ProbabilityToBytes(other.Sigmoid(other.RgbToPlanes(image, 1))), OnnxType.UInt8);
        Assert.Null(IntegerEngine.TryCreate(other, new ScalarKernel()));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Networks_with_strided_blocks_are_quantised_and_agree_with_onnx_runtime(int stemKernel)
    {
        var architecture = new StudentArchitecture { StemKernel = stemKernel, Widths = [16, 32, 48], EncoderConvolutions = [3, 4, 2], DecoderConvolutions = [1, 2], Residual = true, StridedBlocks = true };
        using var folder = new TemporaryFolder();
        var graph = Quantised(architecture, 11);
        using var model = Save(graph, architecture, folder);
        using var other = new TemporaryFolder();
        using var precise = Save(Float(architecture, 11), architecture, other);
        var picture = Picture(12, 13 * architecture.Stride, 5 * architecture.Stride);
        var (expected, actual) = (precise.Run(picture), model.Run(picture));
        Assert.True(expected.Horizontal.Distinct().Count() > 50);
        Assert.InRange(MeanDifference(expected.Horizontal, actual.Horizontal), 0, 3);
        foreach (var kernel in Kernels())
        {
            var engine = IntegerEngine.TryCreate(graph, kernel);
            Assert.NotNull(engine);
            Assert.Equal(architecture.Stride, engine.Stride);
            var maps = Run(engine, picture);
            Assert.InRange(MostDifferent(actual.Horizontal, maps.Horizontal), 0, 1);
            Assert.InRange(MostDifferent(actual.Vertical, maps.Vertical), 0, 1);
        }
    }

    private static IEnumerable<ConvolutionKernel> Kernels()
    {
        yield return new ScalarKernel(5, 2);
        if (AvxVnniKernel.IsSupported)
        {
            yield return new AvxVnniKernel();
        }

        if (Avx512VnniKernel.TryCreate() is { } kernel)
        {
            yield return kernel;
        }
    }

    private static NucleusMaps Run(IntegerEngine engine, RgbImage picture)
    {
        var maps = new NucleusMaps(picture.Width, picture.Height);
        engine.Run(picture, maps);
        return maps;
    }

    // In a thousand bytes one may differ more: one rounding to the other side of a half spreads.
    private static double MostDifferent(sbyte[] expected, sbyte[] actual)
    {
        var differences = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Order().ToArray();
        return differences[(int)(0.999 * (differences.Length - 1))];
    }

    private static double MeanDifference(sbyte[] expected, sbyte[] actual) => expected.Zip(actual, (e, a) => Math.Abs(e - a)).Average();

    private static NucleusModel Save(OnnxGraph graph, StudentArchitecture architecture, TemporaryFolder folder)
    {
        var path = folder.File("student.onnx");
        graph.Save(path);
        new ModelCard { Name = "small", Kind = "student", Mpp = 0.5, Stride = architecture.Stride, OutputStride = architecture.OutputStride, Precision = "int8", Sha256 = ModelCard.HashOf(File.ReadAllBytes(path)) }.Save(ModelCard.PathFor(path));
        return NucleusModel.Load(path, onnxRuntime: true);
    }

    private static OnnxGraph Quantised(StudentArchitecture architecture, int seed) =>
        StudentQuantizer.Quantize(Float(architecture, seed), [Picture(seed + 1, 128, 96), Picture(seed + 2, 128, 96)]);

    // Random weights that keep the activations' size from layer to layer.
    private static OnnxGraph Float(StudentArchitecture architecture, int seed)
    {
        var random = new Random(seed);
        var layers = architecture.Layers().ToDictionary(l => l.Name, l =>
        {
            var each = l.Inputs * l.Kernel * l.Kernel;
            var size = (float)Math.Sqrt((l.Normalised ? 6.0 : 0.3) / each);
            var weights = new float[l.Outputs * each];
            for (var i = 0; i < weights.Length; i++)
            {
                var unit = (2 * random.NextSingle()) - 1;
                weights[i] = (l.Name is "encoder0.0" or "head" ? MathF.Round((i % each == 0 ? 1 : unit) * PackedConvolution.LargestWide) / PackedConvolution.LargestWide : unit) * size;
            }

            return new FoldedLayer(weights, [.. Enumerable.Range(0, l.Outputs).Select(_ => (random.NextSingle() - 0.5f) * 0.4f)]);
        });
        return StudentGraph.Build(architecture, layers, "student");
    }

    private static RgbImage Picture(int seed, int width, int height)
    {
        var random = new Random(100 + seed);
        var waves = Enumerable.Range(0, 12).Select(_ => (X: random.NextSingle() - 0.5f, Y: random.NextSingle() - 0.5f, Phase: 6 * random.NextSingle(), Channel: random.Next(3))).ToArray();
        var image = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var value = 150f + random.Next(-10, 10);
                    foreach (var w in waves.Where(w => w.Channel == c))
                    {
                        value += 30 * MathF.Sin((w.X * x) + (w.Y * y) + w.Phase);
                    }

                    image.Row(y)[(x * 3) + c] = (byte)Math.Clamp(value, 0, 255);
                }
            }
        }

        return image;
    }
}
