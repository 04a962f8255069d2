using HoverFast.Model;
using HoverFast.Model.Engine;
using HoverFast.Model.Onnx;
using HoverFast.Model.Quantization;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class IntegerEngineTests
{
    public static TheoryData<int[], int[], int[], int, int, bool> Architectures => new()
    {
        { [32, 48, 64, 96], [1, 1, 1, 1], [1, 1, 1], 2, 1, false },
        { [16, 32, 48], [1, 2, 3], [1, 2], 2, 1, false },
        { [16, 48], [2, 1], [2], 1, 1, false },
        { [32, 16, 80], [1, 1, 1], [1, 1], 2, 2, false },
        { [32, 32, 64], [3, 4, 2], [3, 2], 2, 1, true },
        { [32, 32, 64], [1, 2, 2], [0, 2], 2, 1, true },
        { [32, 48, 64], [1, 1, 2], [0, 0], 2, 1, false },
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_engine_agrees_with_onnx_runtime(int[] widths, int[] encoder, int[] decoder, int stem, int outputStride, bool residual)
    {
        var architecture = new StudentArchitecture
        {
            Widths = widths,
            EncoderConvolutions = encoder,
            DecoderConvolutions = decoder,
            Stem = stem,
            OutputStride = outputStride,
            Residual = residual,
        };
        using var folder = new TemporaryFolder();
        using var model = Save(Quantised(architecture, 7), architecture, folder);
        var engine = IntegerEngine.TryCreate(OnnxGraph.Parse(File.ReadAllBytes(model.Path), "test"), ConvolutionKernel.Choose(null) ?? new ScalarKernel());
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
        var actual = Run(IntegerEngine.TryCreate(graph, ConvolutionKernel.Choose(null) ?? new ScalarKernel())!, picture);
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

    /// <summary>Of the picture no more rows are at hand than were asked for, and of the maps none but the new ones.</summary>
    [Theory]
    [InlineData("hoverfast-he", 336, 8)]
    [InlineData("hoverfast-he", 336, 104)]
    [InlineData("hoverfast-he-fast", 208, 40)]
    public void Bands_have_the_bytes_of_the_whole_picture(string name, int height, int band)
    {
        var graph = OnnxGraph.Parse(BuiltInModels.Graph(name), name);
        var kernel = ConvolutionKernel.Choose(null) ?? new ScalarKernel();
        var engine = IntegerEngine.TryCreate(graph, kernel)!;
        var picture = Picture(31, 48, height);
        var expected = engine.NewMaps(picture);
        engine.Run(picture, expected);

        var actual = engine.NewMaps(picture);
        Assert.Equal(engine.TellsTypes, actual.Types is not null);
        using var run = engine.StartBands(picture.Width, height);
        var (done, had) = (0, 0);
        for (var row = band; done < height; row = Math.Min(row + band, height))
        {
            var (made, needed) = run.Reach(row);
            Assert.True(made >= row && needed >= made - 8 && needed <= height && needed >= had, $"{row}: {made} {needed}");
            var rows = new RgbImage(picture.Width, Math.Max(1, needed - had));
            picture.Span[(had * picture.Width * 3)..(needed * picture.Width * 3)].CopyTo(rows.Span);
            var maps = new NucleusMaps(picture.Width, made - done, types: actual.Types is null ? null : new byte[picture.Width * (made - done)]);
            run.GoOn(rows, had, maps, done, made);
            maps.CopyBlock(0, 0, maps.Width, maps.Height, actual, 0, done);
            (done, had) = (made, needed);
        }

        Assert.Equal(expected.Probability, actual.Probability);
        Assert.Equal(expected.Horizontal, actual.Horizontal);
        Assert.Equal(expected.Vertical, actual.Vertical);
        Assert.Equal(expected.Types, actual.Types);
    }

    [Fact]
    public void The_built_in_student_says_the_same_in_both_engines()
    {
        using var reference = NucleusModel.LoadBuiltIn(onnxRuntime: true);
        using var model = NucleusModel.LoadBuiltIn();
        Assert.StartsWith("ONNX Runtime", reference.Engine, StringComparison.Ordinal);
        Assert.SkipWhen(ConvolutionKernel.Available.Count == 0, "no kernel fits this processor");
        Assert.StartsWith("integer engine", model.Engine, StringComparison.Ordinal);
        var picture = Picture(5, 208, 160);
        var (expected, actual) = (reference.Run(picture), model.Run(picture));
        Assert.InRange(MeanDifference(expected.Horizontal, actual.Horizontal), 0, 1);
        Assert.InRange(MeanDifference(expected.Vertical, actual.Vertical), 0, 1);
        Assert.InRange(
            MeanDifference(Array.ConvertAll(expected.Probability, p => (sbyte)(p - 128)), Array.ConvertAll(actual.Probability, p => (sbyte)(p - 128))),
            0,
            1);
    }

    [Fact]
    public void Other_graphs_are_left_to_onnx_runtime()
    {
        var architecture = new StudentArchitecture { Widths = [16, 16], EncoderConvolutions = [1, 1], DecoderConvolutions = [1] };
        var graph = Float(architecture, 1);
        Assert.Null(IntegerEngine.TryCreate(graph, new ScalarKernel()));
        Assert.Null(
            IntegerEngine.TryCreate(StudentQuantizer.Quantize(graph, [Picture(1, 64, 64)], new QuantizationOptions { FloatLast = false }), new ScalarKernel()));
        var other = new OnnxGraph("other");
        var image = other.Input("image", OnnxType.UInt8, 1, "height", "width", 3);
        other.Output("probability", other.ProbabilityToBytes(other.Sigmoid(other.RgbToPlanes(image, 1))), OnnxType.UInt8);
        Assert.Null(IntegerEngine.TryCreate(other, new ScalarKernel()));
    }

    /// <summary>Addresses of inputs lie on the stack while a row is made: one convolution of a stranger's could take all of it and end the process.</summary>
    [Theory]
    [InlineData(320, true)]
    [InlineData(336, false)]
    public void Convolutions_of_very_many_weights_are_left_to_onnx_runtime(int channels, bool runs)
    {
        var graph = new OnnxGraph("wide");
        var image = graph.Input("image", OnnxType.UInt8, 1, "height", "width", 3);
        var wide = Convolve(graph.RgbToPlanes(image, 1f / 64, -2), 3, channels, 1, 1);
        var x = Convolve(wide, channels, 16, 10, 2);
        var head = graph.Conv(x, new float[3 * 16], [3, 16, 1, 1], new float[3]);
        graph.Output("probability", graph.ProbabilityToBytes(graph.Sigmoid(graph.Slice(head, 1, 0, 1))), OnnxType.UInt8);
        graph.Output("hv", graph.HvToBytes(graph.Slice(head, 1, 1, 3)), OnnxType.Int8);

        Assert.All(Kernels(), kernel => Assert.Equal(runs, IntegerEngine.TryCreate(graph, kernel) is not null));

        OnnxValue Convolve(OnnxValue from, int inputs, int outputs, int side, int stride)
        {
            var weights = new float[outputs * inputs * side * side];
            Array.Fill(weights, 0.001f);
            var sums = graph.Conv(from, weights, [outputs, inputs, side, side], new float[outputs], [(side - stride + 1) / 2], stride);
            return graph.DequantizeLinear(graph.QuantizeLinear(graph.Relu(sums), 0.02f, (byte)0), 0.02f, 0);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Networks_with_strided_blocks_are_quantised_and_agree_with_onnx_runtime(int stemKernel)
    {
        var architecture = new StudentArchitecture
        {
            StemKernel = stemKernel,
            Widths = [16, 32, 48],
            EncoderConvolutions = [3, 4, 2],
            DecoderConvolutions = [1, 2],
            Residual = true,
            StridedBlocks = true,
        };
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

    internal static IEnumerable<ConvolutionKernel> Kernels() => [new ScalarKernel(5, 2), .. ConvolutionKernel.Available];

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
        new ModelCard
        {
            Name = "small",
            Kind = "student",
            Mpp = 0.5,
            Stride = architecture.Stride,
            OutputStride = architecture.OutputStride,
            Precision = "int8",
            Sha256 = ModelCard.HashOf(File.ReadAllBytes(path)),
        }.Save(ModelCard.PathFor(path));
        return NucleusModel.Load(path, onnxRuntime: true);
    }

    internal static OnnxGraph Quantised(StudentArchitecture architecture, int seed) =>
        StudentQuantizer.Quantize(Float(architecture, seed), [Picture(seed + 1, 128, 96), Picture(seed + 2, 128, 96)]);

    // Random weights that keep the activations' size from layer to layer.
    internal static OnnxGraph Float(StudentArchitecture architecture, int seed)
    {
        var random = new Random(seed);
        var layers = architecture
            .Layers()
            .ToDictionary(
                l => l.Name,
                l =>
                {
                    var each = l.Inputs * l.Kernel * l.Kernel;
                    var size = (float)Math.Sqrt((l.Normalised ? 6.0 : 0.3) / each);
                    var weights = new float[l.Outputs * each];
                    for (var i = 0; i < weights.Length; i++)
                    {
                        var unit = (2 * random.NextSingle()) - 1;
                        weights[i] =
                            (
                                l.Name is "encoder0.0" or "head"
                                    ? MathF.Round((i % each == 0 ? 1 : unit) * PackedConvolution.LargestWide) / PackedConvolution.LargestWide
                                    : unit
                            ) * size;
                    }

            return new FoldedLayer(weights, [.. Enumerable.Range(0, l.Outputs).Select(_ => (random.NextSingle() - 0.5f) * 0.4f)]);
        });
        return StudentGraph.Build(architecture, layers, "student");
    }

    internal static RgbImage Picture(int seed, int width, int height)
    {
        var random = new Random(100 + seed);
        var waves = Enumerable
            .Range(0, 12)
            .Select(_ => (X: random.NextSingle() - 0.5f, Y: random.NextSingle() - 0.5f, Phase: 6 * random.NextSingle(), Channel: random.Next(3)))
            .ToArray();
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
