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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EveryDecoderObeysTheStatedColour(bool skia)
    {
        using var turbo = TurboJpegDecoder.TryCreate();
        Assert.SkipWhen(!skia && turbo is null, "needs libturbojpeg (on Debian: apt-get install libturbojpeg0)");
        var picture = TestPicture.Make(64, 64);
        var stream = TestPicture.Jpeg(picture, 95);
        var merged = new byte[JpegStream.MergedLength(0, stream.Length)];
        double Error(JpegStream.Colour colour, Func<byte, byte, byte, double> expected)
        {
            var length = JpegStream.Merge([], stream, colour, merged);
            var read = Decode(skia ? new SkiaJpegDecoder() : turbo!, merged[..length], 1);
            double sum = 0;
            for (var i = 0; i < read.Span.Length; i += 3)
            {
                sum += Math.Abs(read.Span[i] - expected(picture.Span[i], picture.Span[i + 1], picture.Span[i + 2]));
            }

            return sum / (64 * 64);
        }

        Assert.InRange(Error(JpegStream.Colour.YCbCr, (r, _, _) => r), 0, 8);
        Assert.InRange(Error(JpegStream.Colour.Rgb, (r, g, b) => (0.299 * r) + (0.587 * g) + (0.114 * b)), 0, 2);
    }

    [Fact]
    public void FrameIsReadFromTheHeader()
    {
        var stream = TestPicture.Jpeg(TestPicture.Make(250, 187));
        Assert.Equal((250, 187, 3), JpegStream.ReadFrame(stream));
        Assert.Throws<InvalidDataException>(() => JpegStream.ReadFrame("no JPEG"u8));
        Assert.Throws<InvalidDataException>(() => JpegStream.ReadFrame(stream.AsSpan(0, 30)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(200_000)]
    public void FillBytesBeforeMarkersAreSkipped(int fill)
    {
        var stream = TestPicture.Jpeg(TestPicture.Make(250, 187));
        var filled = new List<byte>(stream[..2]);
        for (var at = 2; ;)
        {
            filled.AddRange(Enumerable.Repeat((byte)0xFF, fill));
            if (stream[at + 1] == 0xDA)
            {
                filled.AddRange(stream[at..]);
                break;
            }

            var end = at + 2 + (stream[at + 2] << 8) + stream[at + 3];
            filled.AddRange(stream[at..end]);
            at = end;
        }

        var bytes = filled.ToArray();
        Assert.Equal((250, 187, 3), JpegStream.ReadFrame(bytes));
        Assert.Equal(JpegStream.Colour.YCbCr, JpegStream.StatedColour([], bytes));
        Assert.Equal(Merged(stream), Merged(bytes));
        Assert.Throws<InvalidDataException>(() => JpegStream.ReadFrame(bytes.AsSpan(0, 2 + fill)));

        static byte[] Merged(byte[] stream)
        {
            var merged = new byte[JpegStream.MergedLength(0, stream.Length)];
            return merged[..JpegStream.Merge([], stream, JpegStream.Colour.YCbCr, merged)];
        }
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
