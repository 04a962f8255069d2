using HoverFast.Slides;
using HoverFast.Slides.Jpeg;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class JpegDecoderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void BothDecodersAgree(int reduction)
    {
        using var turbo = TurboJpegDecoder.TryCreate();
        Assert.SkipWhen(turbo is null, "needs libturbojpeg (on Debian: apt-get install libturbojpeg0)");
        var stream = TestPicture.Jpeg(TestPicture.Make(250, 187));
        var a = Decode(turbo!, stream, reduction);
        var b = Decode(new SkiaJpegDecoder(), stream, reduction);
        TestPicture.AssertClose(a, b, 0.05);
    }

    [Fact]
    public void FrameIsReadFromTheHeader()
    {
        var stream = TestPicture.Jpeg(TestPicture.Make(250, 187));
        Assert.Equal((250, 187, 3), JpegStream.ReadFrame(stream));
        Assert.Throws<InvalidDataException>(() => JpegStream.ReadFrame("no JPEG"u8));
        Assert.Throws<InvalidDataException>(() => JpegStream.ReadFrame(stream.AsSpan(0, 30)));
    }

    [Fact]
    public void CutStreamIsAnErrorForBoth()
    {
        var stream = TestPicture.Jpeg(TestPicture.Make(250, 187));
        Array.Resize(ref stream, stream.Length * 2 / 3);
        Assert.Throws<InvalidDataException>(() => Decode(new SkiaJpegDecoder(), stream, 1));
        using var turbo = TurboJpegDecoder.TryCreate();
        if (turbo is not null)
        {
            Assert.Throws<InvalidDataException>(() => Decode(turbo, stream, 1));
        }
    }

    private static RgbImage Decode(JpegDecoder decoder, byte[] stream, int reduction)
    {
        var (width, height, _) = JpegStream.ReadFrame(stream);
        var image = new RgbImage((width + reduction - 1) / reduction, (height + reduction - 1) / reduction);
        decoder.Decode(stream, width, height, reduction, image.Pixels, image.Width * 3);
        return image;
    }
}
