using HoverFast.Model;
using HoverFast.Model.Networks;
using HoverFast.Model.Onnx;
using HoverFast.Slides;
using HoverFast.Training.Networks;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using TorchSharp;
using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>
/// Every tensor belongs to a scope or to somebody who holds it. TorchSharp's calls take a tensor's address alone: one that nobody holds may be freed by the
/// collector while libtorch still reads it, and the process ends.
/// </summary>
public sealed class TensorLifetimeTests
{
    public TensorLifetimeTests() => LibTorch.Prepare(1);

    [Fact]
    public void ARunMakesNoTensorThatNobodyHolds()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 4)) with { ValidateEvery = 2 };
        var before = Loose();
        using (var trainer = new Trainer(run, folder.Path, Path.Combine(folder.Path, "run"), TextWriter.Null))
        {
            Assert.Equal(before, Loose());
            trainer.Run(TestContext.Current.CancellationToken);
        }

        Assert.Equal(before, Loose());
    }

    [Theory]
    [InlineData("hoverfast-network-formula", 64)]
    [InlineData("hoverfast-he-fast-float32", 64)]
    public void ARunnerMakesNoTensorThatNobodyHolds(string name, int side)
    {
        var graph = name.EndsWith("formula", StringComparison.Ordinal)
            ? FormulaModel.Build(name, NetworkOutputs.Maps).Graph
            : OnnxGraph.Parse(BuiltInModels.Graph(name), name);
        var before = Loose();
        using var runner = new TorchRunner(graph, name, knowsCaches: true);
        Assert.Equal(before, Loose());
        runner.Run(new RgbImage(side, side), new NucleusMaps(side, side, types: name.EndsWith("formula", StringComparison.Ordinal) ? null : new byte[side * side]));
        Assert.Equal(before, Loose());
    }

    private static long Loose() => DisposeScopeManager.Statistics.CreatedOutsideScopeCount;
}
