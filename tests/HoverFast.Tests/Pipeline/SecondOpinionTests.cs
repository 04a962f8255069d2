using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Tests.Slides;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class SecondOpinionTests
{
    /// <summary>Its margins alone are as large as the tile that suits it: it ran once for each pixel, for hours.</summary>
    [Fact]
    public void ANetworkOfVeryWideMarginsIsShownMoreThanAPixelAtATime()
    {
        using var folder = new TemporaryFolder();
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(403, 301), 8, photometric: 2);
        using var slide = Slide.Open(folder.Write("a.tif", tiff.ToBytes()));
        var runner = new Counter();
        using var model = new NucleusModel(runner, new ModelCard { Name = "wide", Kind = "student", Mpp = 0.5, Stride = 8, Margin = 504 }, "wide");
        var block = new MapBlock(0, 0, 32, 24, new byte[32 * 24], new sbyte[32 * 24], new sbyte[32 * 24]);

        var disagreement = new SecondOpinion(slide, new Mpp(0.5), model, Stain.HaematoxylinEosin).Disagreement(block, 1);
        Assert.Equal(1, runner.Runs);
        Assert.All(disagreement, d => Assert.Equal(51, d));
    }

    private sealed class Counter : INetworkRunner
    {
        public int Runs { get; private set; }

        public string Name => "counter";

        public void Run(RgbImage image, NucleusMaps maps)
        {
            Runs++;
            maps.Probability.AsSpan().Fill(51);
        }

        public void Dispose()
        {
        }
    }
}
