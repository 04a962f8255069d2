using HoverFast.Model;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class ModelDisposalTests
{
    /// <summary>A network's memory that is freed while it runs ends the program.</summary>
    [Fact]
    public void AModelThatIsDisposedOfWhileItRunsIsFreedOnceTheRunHasEnded()
    {
        var runner = new Watched();
        var model = new NucleusModel(runner, new ModelCard { Name = "watched", Kind = "student", Mpp = 0.5, Stride = 8 }, "watched");
        runner.WhileItRuns = model.Dispose;
        model.Run(new RgbImage(16, 16));
        Assert.False(runner.WasFreedWhileItRan);
        Assert.Equal(1, runner.Freed);
        Assert.Throws<ObjectDisposedException>(() => model.Run(new RgbImage(16, 16)));
        model.Dispose();
        Assert.Equal(1, runner.Freed);
    }

    private sealed class Watched : INetworkRunner
    {
        public Action? WhileItRuns { get; set; }

        public bool WasFreedWhileItRan { get; private set; }

        public int Freed { get; private set; }

        public string Name => "watched";

        public void Run(RgbImage image, NucleusMaps maps)
        {
            WhileItRuns?.Invoke();
            WasFreedWhileItRan = Freed > 0;
        }

        public void Dispose() => Freed++;
    }
}
