using System.Buffers.Binary;
using System.IO.Compression;
using HoverFast.Slides;
using HoverFast.Slides.Png;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>Colours brought to sRGB by a profile whose effect is known: the primaries of sRGB with a curve of gamma 1 (linear light).</summary>
public sealed class ColourProfileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("tif")]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("jpg with fill bytes before the marker")]
    public void LinearLightBecomesSrgb(string kind)
    {
        var picture = new RgbImage(64, 64);
        for (var i = 0; i < picture.Span.Length; i++)
        {
            picture.Pixels[i] = (byte)(i / 3 % 64 * 4);
        }

        using var slide = Slide.Open(Write(picture, kind));
        Assert.NotNull(slide.Details.ColourProfile);
        var stored = TestPicture.ReadLevel(slide);
        using var srgb = SrgbSlide.Of(slide);
        Assert.NotSame(slide, srgb);
        var read = TestPicture.ReadLevel(srgb);
        for (var i = 0; i < read.Span.Length; i++)
        {
            // IEC 61966-2-1.
            var linear = stored.Span[i] / 255.0;
            var expected = 255 * (linear <= 0.0031308 ? 12.92 * linear : (1.055 * Math.Pow(linear, 1 / 2.4)) - 0.055);
            Assert.InRange(read.Span[i], expected - 2, expected + 2);
        }

        Assert.Equal([255, 255, 255], TestPicture.Read(srgb, new PixelRect(-5, -5, 1, 1)).Span.ToArray());
    }

    [Fact]
    public void WithoutAProfileTheSlideIsItself()
    {
        RgbImageFile.WritePng(_folder.File("a.png"), TestPicture.Make(20, 20));
        using var slide = Slide.Open(_folder.File("a.png"));
        Assert.Null(slide.Details.ColourProfile);
        Assert.Same(slide, SrgbSlide.Of(slide));
    }

    [Fact]
    public void ADamagedProfileIsRefused()
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(64, 64)).Tags[34675] = new byte[200];
        using var slide = Slide.Open(_folder.Write("a.tif", tiff.ToBytes()));
        Assert.Contains("colour profile", Assert.Throws<SlideException>(() => SrgbSlide.Of(slide)).Message);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A matrix profile (ICC.1:2001) with the primaries of sRGB under D50 and curves of gamma 1.</summary>
    private static byte[] LinearProfile()
    {
        var file = new MemoryStream();
        var header = new byte[128];
        "acsp"u8.CopyTo(header.AsSpan(36));
        "mntrRGB XYZ "u8.CopyTo(header.AsSpan(12));
        header[8] = 2;
        header[9] = 0x10;
        Put(header, 68, 0.9642, 1, 0.8249);
        file.Write(header);
        (string Name, byte[] Data)[] tags =
        [
            ("rXYZ", Xyz(0.4360747, 0.2225045, 0.0139322)), ("gXYZ", Xyz(0.3850649, 0.7168786, 0.0971045)), ("bXYZ", Xyz(0.1430804, 0.0606169, 0.7141733)),
            ("wtpt", Xyz(0.9642, 1, 0.8249)), ("rTRC", Curve()), ("gTRC", Curve()), ("bTRC", Curve()),
        ];
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, tags.Length);
        file.Write(number);
        var at = 128 + 4 + (12 * tags.Length);
        foreach (var (name, data) in tags)
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(name));
            BinaryPrimitives.WriteInt32BigEndian(number, at);
            file.Write(number);
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            file.Write(number);
            at += data.Length;
        }

        foreach (var (_, data) in tags)
        {
            file.Write(data);
        }

        var bytes = file.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        return bytes;

        static byte[] Xyz(double x, double y, double z)
        {
            var data = new byte[20];
            "XYZ "u8.CopyTo(data);
            Put(data, 8, x, y, z);
            return data;
        }

        static byte[] Curve() => [.. "curv"u8, 0, 0, 0, 0, 0, 0, 0, 0];

        static void Put(byte[] data, int at, params double[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(at + (4 * i)), (int)Math.Round(values[i] * 65536));
            }
        }
    }

    private string Write(RgbImage picture, string kind)
    {
        var profile = LinearProfile();
        if (kind == "tif")
        {
            var tiff = new TestTiff();
            tiff.Add(picture).Tags[34675] = profile;
            return _folder.Write("a.tif", tiff.ToBytes());
        }

        if (kind.StartsWith("jpg", StringComparison.Ordinal))
        {
            var stream = TestPicture.Jpeg(picture, 100, fullChroma: true);
            var length = profile.Length + 16;
            byte[] fill = kind == "jpg" ? [] : [0xFF, 0xFF];
            return _folder.Write(
                "a.jpg",
                [.. stream[..2], .. fill, 0xFF, 0xE2, (byte)(length >> 8), (byte)length, .. "ICC_PROFILE\0"u8, 1, 1, .. profile, .. stream[2..]]);
        }

        RgbImageFile.WritePng(_folder.File("plain.png"), picture);
        var plain = File.ReadAllBytes(_folder.File("plain.png"));
        using var file = File.Create(_folder.File("a.png"));
        file.Write(plain.AsSpan(0, 33));
        var packed = new MemoryStream();
        packed.Write("p\0\0"u8);
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(profile);
        }

        PngChunks.Write(file, "iCCP"u8, packed.ToArray());
        file.Write(plain.AsSpan(33));
        return _folder.File("a.png");
    }
}
