using System.Runtime.CompilerServices;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class SlideStepsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Threads outlive slides: what they hold would be there until the program ends.</summary>
    [Fact]
    public void NothingOfASlideIsKeptByTheThreadThatLookedAtIt()
    {
        DarkDiscs.Write(_folder.File("a.png"), 200);
        using var model = NucleusModel.Load(DarknessModel.Write(_folder.Path));
        var steps = LookAt(_folder.File("a.png"), model);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(steps.TryGetTarget(out _));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<SlideSteps> LookAt(string path, NucleusModel model)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var session = SlideSession.Open(path, model, new SegmentSettings(), new SlideCalibrator { Stated = new Mpp(0.25) });
        var steps = session.Steps(cancellation);
        Assert.NotEmpty(steps.Look(session.Tiles(cancellation)[0]).Nuclei);
        return new WeakReference<SlideSteps>(steps);
    }
}
