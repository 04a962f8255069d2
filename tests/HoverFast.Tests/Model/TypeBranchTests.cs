using HoverFast.Model;
using HoverFast.Model.Engine;
using HoverFast.Model.Onnx;
using HoverFast.Model.Quantization;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class TypeBranchTests
{
    public static TheoryData<int[], int, int, int> Branches => new()
    {
        // Widths, stem, output stride, the branch's level.
        { [32, 48, 64], 2, 1, 1 },
        { [16, 32, 48, 32], 2, 1, 2 },
        { [16, 32, 48], 1, 1, 0 },
        { [32, 16, 80], 2, 2, 1 },
    };

    [Theory]
    [MemberData(nameof(Branches))]
    public void All_kernels_tell_the_types_that_onnx_runtime_tells(int[] widths, int stem, int outputStride, int level)
    {
        var architecture = Architecture(widths, stem, outputStride, level);
        var graph = IntegerEngineTests.Quantised(architecture, 5);
        using var folder = new TemporaryFolder();
        using var model = Load(graph, architecture, folder, onnxRuntime: true);
        var picture = IntegerEngineTests.Picture(9, 13 * architecture.Stride, 5 * architecture.Stride);
        var expected = model.Run(picture).Types!;
        Assert.True(expected.Distinct().Count() > 1, "one type everywhere would test nothing");
        Assert.All(expected, t => Assert.InRange(t, 1, 3));
        byte[]? first = null;
        foreach (var kernel in IntegerEngineTests.Kernels())
        {
            var engine = IntegerEngine.TryCreate(graph, kernel);
            Assert.NotNull(engine);
            Assert.True(engine.TellsTypes);
            var types = Run(engine, picture).Types!;
            first ??= types;
            Assert.Equal(first, types);

            // Two logits that are all but equal may be rounded apart.
            Assert.InRange(expected.Zip(types, (e, t) => e == t ? 0 : 1).Average(), 0, 0.02);
        }
    }

    [Fact]
    public void The_answer_is_one_for_each_pixel_of_the_branch()
    {
        var architecture = Architecture([32, 48, 64], 2, 1, 1);
        var types = Run(
            IntegerEngine.TryCreate(IntegerEngineTests.Quantised(architecture, 5), new ScalarKernel())!,
            IntegerEngineTests.Picture(9, 64, 32)
        ).Types!;
        Assert.Equal(4, architecture.TypeStride);
        for (var i = 0; i < types.Length; i++)
        {
            Assert.Equal(types[(i / 64 / 4 * 4 * 64) + (i % 64 / 4 * 4)], types[i]);
        }
    }

    [Fact]
    public void A_branch_added_to_a_quantised_trunk_leaves_its_maps_as_they_are()
    {
        var architecture = Architecture([32, 48, 64], 2, 1, 1);
        var whole = IntegerEngineTests.Float(architecture, 8);
        var layers = StudentGraph.Weights(whole, architecture);
        var bare = architecture with { Types = null };
        RgbImage[] tiles = [IntegerEngineTests.Picture(1, 128, 96)];

        // Calibrated on other tiles, so that the trunk's ranges would come out otherwise.
        var trunk = StudentQuantizer.Quantize(StudentGraph.Build(bare, layers, "student"), [IntegerEngineTests.Picture(2, 96, 96)]);
        var grafted = BranchQuantizer.Add(trunk, whole, tiles);
        var picture = IntegerEngineTests.Picture(9, 104, 72);
        var expected = Run(IntegerEngine.TryCreate(trunk, new ScalarKernel())!, picture);
        var actual = Run(IntegerEngine.TryCreate(OnnxGraph.Parse(grafted.ToBytes(), "grafted"), new ScalarKernel())!, picture);
        Assert.Equal(expected.Probability, actual.Probability);
        Assert.Equal(expected.Horizontal, actual.Horizontal);
        Assert.Equal(expected.Vertical, actual.Vertical);

        using var folder = new TemporaryFolder();
        using var precise = Load(whole, architecture, folder, onnxRuntime: true, "float32");
        Assert.InRange(precise.Run(picture).Types!.Zip(actual.Types!, (e, t) => e == t ? 0 : 1).Average(), 0, 0.1);

        // A branch that is there already is replaced, and nothing of it is left.
        var twice = BranchQuantizer.Add(grafted, whole, tiles);
        Assert.Equal((grafted.Nodes.Count, grafted.Constants.Count), (twice.Nodes.Count, twice.Constants.Count));
        Assert.Equal(actual.Types, Run(IntegerEngine.TryCreate(OnnxGraph.Parse(twice.ToBytes(), "twice"), new ScalarKernel())!, picture).Types);
        Assert.Throws<ArgumentException>(() => BranchQuantizer.Add(trunk, StudentGraph.Build(bare, layers, "student"), tiles));
    }

    [Fact]
    public void A_model_runs_its_branch_in_the_engine_where_its_card_names_the_types()
    {
        var architecture = Architecture([32, 48, 64], 2, 1, 1);
        var graph = IntegerEngineTests.Quantised(architecture, 5);
        using var folder = new TemporaryFolder();
        using var model = Load(graph, architecture, folder);
        Assert.SkipWhen(ConvolutionKernel.Available.Count == 0, "no kernel fits this processor");
        Assert.StartsWith("integer engine", model.Engine, StringComparison.Ordinal);
        var picture = IntegerEngineTests.Picture(9, 64, 64);
        var types = model.Run(picture).Types!.ToArray();
        Assert.Equal(Run(IntegerEngine.TryCreate(graph, new ScalarKernel())!, picture).Types, types);

        // Memory that is used again, and views whose types are the first one's.
        var maps = model.Run(picture, 4);
        Assert.Equal(types, maps.Types);
        model.Recycle(maps);
        Assert.Equal(types, model.Run(picture).Types);
    }

    /// <summary>A result counts nuclei by the names of their types: it failed after the last tile.</summary>
    [Theory]
    [InlineData("A", "no two of types")]
    [InlineData("", "no name of types is empty")]
    [InlineData("  ", "no name of types is empty")]
    public void Cards_whose_types_have_no_names_of_their_own_are_refused(string name, string rule)
    {
        var card = Card(Architecture([32, 48, 64], 2, 1, 1), "int8");
        Assert.Equal("A", card.Types![1].Name);
        List<ModelCard.NucleusType> types = [.. card.Types];
        types[2] = types[2] with { Name = name };
        var error = Assert.Throws<ModelException>(() => ModelCard.Parse(Json(card with { Types = types }), "card"));
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cards_whose_types_are_not_the_networks_are_refused()
    {
        var card = Card(Architecture([32, 48, 64], 2, 1, 1), "int8");
        Assert.Equal("B", ModelCard.Parse(Json(card), "card").Types![2].Name);
        Assert.Contains(
            "types names",
            Assert.Throws<ModelException>(() => ModelCard.Parse(Json(card with { Types = card.Types!.Take(3).ToList() }), "card")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "typeShare",
            Assert.Throws<ModelException>(() => ModelCard.Parse(Json(card with { TypeShare = 1.5 }), "card")).Message,
            StringComparison.Ordinal);

        var types = card.Types!.Count - 1;
        double[] row = [.. Enumerable.Range(0, 2 + (2 * types)).Select(i => 0.5 * i)];
        var context = new TypeContext { Radius = 15, Weights = [.. Enumerable.Repeat(row, types)] };
        Assert.Equal(row, ModelCard.Parse(Json(card with { TypeContext = context }), "card").TypeContext!.Weights[^1]);
        Assert.NotEqual((card with { TypeContext = context }).Numbers, card.Numbers);
        foreach (var wrong in new[]
            {
                context with { Radius = 17 }, context with { Radius = 0 }, context with { Weights = [.. context.Weights.Skip(1)] },
                context with { Weights = [.. context.Weights.Skip(1), row[1..]] },
            })
        {
            var error = Assert.Throws<ModelException>(() => ModelCard.Parse(Json(card with { TypeContext = wrong }), "card"));
            Assert.Contains("typeContext", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_branch_has_types_a_width_and_a_level_that_there_are()
    {
        var architecture = Architecture([32, 48, 64], 2, 1, 1);
        architecture.Validate();
        Assert.Contains(
            "types.count",
            Assert.Throws<ArgumentException>((architecture with { Types = new TypeBranch { Count = 1 } }).Validate).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "types.width",
            Assert
                .Throws<ArgumentException>(
                    (
                        architecture with
                        {
                            Types = new TypeBranch { Count = 3, Width = 20 },
                        }
                    ).Validate)
                .Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "types.level",
            Assert
                .Throws<ArgumentException>(
                    (
                        architecture with
                        {
                            Types = new TypeBranch { Count = 3, Level = 2 },
                        }
                    ).Validate)
                .Message,
            StringComparison.Ordinal);

        // The branch reaches 8 + 4 pixels by its kernels where the way through one convolution a level has 4 + 2; two convolutions a level reach further.
        Assert.Equal(28, (architecture with { Types = null }).ReceptiveRadius());
        Assert.Equal(34, architecture.ReceptiveRadius());
        var deeper = architecture with { DecoderConvolutions = [2, 3] };
        Assert.Equal((deeper with { Types = null }).ReceptiveRadius(), deeper.ReceptiveRadius());
        Assert.Equal(
            ((64 * 16 * 9) / 64.0) + ((48 * 16) / 16.0) + ((16 * 16 * 9) / 16.0) + ((16 * 3) / 16.0),
            architecture.MultiplyAddsPerPixel() - (architecture with { Types = null }).MultiplyAddsPerPixel(),
            6);
    }

    private static StudentArchitecture Architecture(int[] widths, int stem, int outputStride, int level) => new()
    {
        Widths = widths,
        EncoderConvolutions = [.. widths.Select(_ => 1)],
        DecoderConvolutions = [.. widths.Skip(1).Select(_ => 1)],
        Stem = stem,
        OutputStride = outputStride,
        Types = new TypeBranch { Count = 3, Width = 16, Level = level },
    };

    private static NucleusMaps Run(IntegerEngine engine, RgbImage picture)
    {
        var maps = engine.NewMaps(picture);
        engine.Run(picture, maps);
        return maps;
    }

    private static ModelCard Card(StudentArchitecture architecture, string precision) => new()
    {
        Name = "small",
        Kind = "student",
        Mpp = 0.5,
        Stride = architecture.Stride,
        OutputStride = architecture.OutputStride,
        Precision = precision,
        Network = architecture,
        Types = [new("Background", [0, 0, 0]), new("A", [255, 0, 0]), new("B", [0, 255, 0]), new("C", [0, 0, 255])],
    };

    private static byte[] Json(ModelCard card) => System.Text.Encoding.UTF8.GetBytes(card.ToJson());

    private static NucleusModel Load(
        OnnxGraph graph,
        StudentArchitecture architecture,
        TemporaryFolder folder,
        bool onnxRuntime = false,
        string precision = "int8")
    {
        var path = folder.File("student.onnx");
        graph.Save(path);
        (Card(architecture, precision) with { Sha256 = ModelCard.HashOf(File.ReadAllBytes(path)) }).Save(ModelCard.PathFor(path));
        return NucleusModel.Load(path, onnxRuntime: onnxRuntime);
    }
}
