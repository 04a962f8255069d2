using HoverFast.Model;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class StudentArchitectureTests
{
    [Fact]
    public void CountsMultiplyAddsLayerByLayer()
    {
        var network = new StudentArchitecture { Stem = 1, Widths = [16, 32], EncoderConvolutions = [1, 1], DecoderConvolutions = [1] };

        // 3>16 and 16>16 at full resolution; 16>32 and the 1x1 32>16 at half; head 16>3.
        Assert.Equal((3 * 16 * 9) + (16 * 32 * 9 / 4.0) + (32 * 16 / 4.0) + (16 * 16 * 9) + (16 * 3), network.MultiplyAddsPerPixel());
    }

    [Theory]
    [InlineData(1, 1, 1, 3)]
    [InlineData(2, 1, 2, 12)]
    [InlineData(2, 2, 1, 3)]
    public void HeadHoldsThreeMapsForEachSubpixel(int stem, int outputStride, int subpixels, int channels)
    {
        var network = new StudentArchitecture { Stem = stem, OutputStride = outputStride };

        Assert.Equal(subpixels, network.Subpixels);
        Assert.Equal(channels, network.HeadChannels);
    }

    [Fact]
    public void RefusesWidthsThatLibtorchComputesWrong() =>
        Assert.Throws<ArgumentException>(() => new StudentArchitecture { Widths = [24, 32, 64, 96] }.Validate());
}
