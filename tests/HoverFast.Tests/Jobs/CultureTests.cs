using System.Globalization;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

/// <summary>The programs run without cultures; those of others that use the library don't.</summary>
public sealed class CultureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AResultIsTheSameWhateverTheCulture()
    {
        DarkDiscs.Write(_folder.File("a.png"), 300);
        using var model = NucleusModel.Load(DarknessModel.Write(_folder.Path));
        using var segmenter = new SlideSegmenter(model, calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        async Task<SlideOutcome> Segment() =>
            await segmenter.SegmentAsync(_folder.File("a.png"), _folder.File("out"), cancellation: TestContext.Current.CancellationToken);

        var before = CultureInfo.CurrentCulture;
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        Manifest first;
        try
        {
            CultureInfo.CurrentCulture = german;
            first = (await Segment()).Manifest!;
            Assert.Equal("0.2500 um/px", new Mpp(0.25).ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        // Explaining and running again read them.
        Assert.Contains("ProbabilityThreshold = 0.5,", first.Settings.Finder, StringComparison.Ordinal);
        Assert.Equal(SlideState.Kept, (await Segment()).State);
    }
}
