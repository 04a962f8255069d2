using HoverFast.Slides;
using HoverFast.Slides.Jpeg2000;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>
/// Against small files that OpenJPEG made of <see cref="TestPicture"/> (61 x 47; by opj_compress, the planes by Pillow), each with other parts of the standard.
/// </summary>
public sealed class Jpeg2000DecoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("lossless.j2k")]
    [InlineData("lossless.jp2")]
    [InlineData("tiles-precincts-rpcl.j2k")]
    [InlineData("tiles-cprl-offset.j2k")]
    [InlineData("layers-pcrl-modes.j2k")]
    public void LosslessComesBackAsItWas(string name) => TestPicture.AssertSame(TestPicture.Make(61, 47), Decode(TestPicture.Embedded(name)));

    [Fact]
    public void LossyComesBackAsOpenJpegHasIt()
    {
        // OpenJPEG's own result is off by 1.54 on average, 8 at most.
        var read = Decode(TestPicture.Embedded("lossy.j2k"));
        TestPicture.AssertClose(TestPicture.Make(61, 47), read, 1.56);
    }

    [Theory]
    [InlineData(33005)]
    [InlineData(34712)]
    public void TiffPlanesMayBeJpeg2000(int compression)
    {
        var picture = TestPicture.Make(61, 47);
        using var slide = Slide.Open(_folder.Write("a.tif", InPlanes(picture, compression).ToBytes()));
        TestPicture.AssertSame(picture, TestPicture.ReadLevel(slide));
    }

    [Fact]
    public void TiffTilesMayBeJpeg2000()
    {
        var picture = TestPicture.Make(61, 47);
        var tiff = new TestTiff();
        var page = tiff.Add(picture, 1, 64);
        page.Parts[0] = TestPicture.Embedded("lossless.j2k");
        page.Tags[259] = (ushort)33005;
        using var slide = Slide.Open(_folder.Write("a.svs", tiff.ToBytes()));
        TestPicture.AssertSame(picture, TestPicture.ReadLevel(slide));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AperiosYCbCrIsConverted(bool planar)
    {
        // The same components, read as Y, Cb, Cr.
        var picture = TestPicture.Make(61, 47);
        var tiff = planar ? InPlanes(picture, 33003) : new TestTiff();
        if (!planar)
        {
            var page = tiff.Add(picture, 1, 64);
            page.Parts[0] = TestPicture.Embedded("lossless.jp2");
            page.Tags[259] = (ushort)33003;
        }

        using var slide = Slide.Open(_folder.Write("a.svs", tiff.ToBytes()));
        var read = TestPicture.ReadLevel(slide);
        for (var i = 0; i < read.Span.Length; i += 3)
        {
            var (y, u, v) = (picture.Span[i], picture.Span[i + 1] - 128, picture.Span[i + 2] - 128);
            Assert.Equal(Math.Clamp(y + (1.402 * v), 0, 255), read.Span[i], 1.0);
            Assert.Equal(Math.Clamp(y - (0.344136 * u) - (0.714136 * v), 0, 255), read.Span[i + 1], 1.0);
            Assert.Equal(Math.Clamp(y + (1.772 * u), 0, 255), read.Span[i + 2], 1.0);
        }
    }

    [Theory]
    [InlineData("lossless.j2k")]
    [InlineData("tiles-precincts-rpcl.j2k")]
    [InlineData("lossless.jp2")]
    public void DamageIsReportedOrSurvived(string name)
    {
        var whole = TestPicture.Embedded(name);
        for (var length = 0; length < whole.Length - 10; length += 97)
        {
            Assert.Throws<InvalidDataException>(() => Decode(whole[..length]));
        }

        var random = new Random(5);
        for (var n = 0; n < 300; n++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Decode(damaged);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                // A reason was given: that is what is asked for.
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AComponentsOwnStyleCountsWhereverItStands(bool contradicts)
    {
        var data = TestPicture.Embedded("lossless.j2k");
        var (quantisation, style) = (data.AsSpan().IndexOf(new byte[] { 0xFF, 0x5C }), data.AsSpan().IndexOf(new byte[] { 0xFF, 0x52 }));
        var own = new List<byte>();
        for (byte c = 0; c < 3; c++)
        {
            own.AddRange([0xFF, 0x53, 0, 9, c, 0, .. data[(style + 9)..(style + 14)]]);
            own.AddRange([0xFF, 0x5D, 0, (byte)(data[quantisation + 3] + 1), c, .. data[(quantisation + 4)..(quantisation + 2 + data[quantisation + 3])]]);
        }

        if (contradicts)
        {
            // What holds for all names another wavelet, size of blocks and quantisation.
            (data[style + 10], data[style + 13]) = (2, 0);
            data.AsSpan(quantisation + 5, data[quantisation + 3] - 3).Fill(0x48);
        }

        byte[] mixed = [.. data[..style], .. own, .. data[style..]];
        var (size, picture) = (Jpeg2000Decoder.ReadSize(mixed), TestPicture.Make(61, 47));
        foreach (var library in contradicts ? [null] : new[] { null, OpenJpegDecoder.Installed })
        {
            var image = new RgbImage(size.Width, size.Height);
            Jpeg2000Decoder.Decode(mixed, Jpeg2000Decoder.Colour.Rgb, image.Pixels, size.Width * 3, library);
            TestPicture.AssertSame(picture, image);
        }
    }

    [Fact]
    public void AStyleThatBecameAComponentsOwnIsDamage()
    {
        // One bit: the style of all components is taken for that of the first.
        var data = TestPicture.Embedded("lossless.j2k");
        data[data.AsSpan().IndexOf(new byte[] { 0xFF, 0x52 }) + 1] = 0x53;
        Assert.Throws<InvalidDataException>(() => Decode(data));
    }

    [Fact]
    public void TilesTogetherHoldNoMoreThanOneMay()
    {
        var error = Assert.Throws<InvalidDataException>(() => DecodeByOwn(OfManyTiles(40_000, layers: 1, step: 1), 40_000));
        Assert.Contains("absurdly many", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task LayersOfEmptyTilesCostNothing(byte progression)
    {
        // Passing over each of 65,535 layers took a hundredth of a second a tile: minutes for these.
        var data = OfManyTiles(8000, layers: 65535, step: 255, progression);
        await Task.Run(() => DecodeByOwn(data, 8000), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("lossless.j2k", 0)]
    [InlineData("lossless.jp2", 0)]
    [InlineData("tiles-precincts-rpcl.j2k", 0)]
    [InlineData("tiles-cprl-offset.j2k", 0)]
    [InlineData("layers-pcrl-modes.j2k", 0)]
    [InlineData("lossy.j2k", 1)]
    public void TheLibraryAndTheDecoderThatComesAlongAgree(string name, int most)
    {
        Assert.SkipWhen(OpenJpegDecoder.Installed is null, "needs the OpenJPEG library (on Debian: apt-get install libopenjp2-7)");
        foreach (var colour in Enum.GetValues<Jpeg2000Decoder.Colour>())
        {
            var data = TestPicture.Embedded(name);
            var (own, library) = (new RgbImage(61, 47), new RgbImage(61, 47));
            Jpeg2000Decoder.Decode(data, colour, own.Pixels, 61 * 3, null);
            Jpeg2000Decoder.Decode(data, colour, library.Pixels, 61 * 3, OpenJpegDecoder.Installed);
            Assert.All(own.Span.ToArray().Zip(library.Span.ToArray()), p => Assert.InRange(p.First - p.Second, -most * 3, most * 3));
        }
    }

    /// <summary>The same samples, stated as signed: black is -128, white 127.</summary>
    [Theory]
    [InlineData("lossless.j2k", true)]
    [InlineData("lossless.j2k", false)]
    [InlineData("layers-pcrl-modes.j2k", true)]
    [InlineData("layers-pcrl-modes.j2k", false)]
    public void SignedSamplesAreAroundTheMiddle(string name, bool library)
    {
        const int FirstSign = 42;
        Assert.SkipWhen(library && OpenJpegDecoder.Installed is null, "needs the OpenJPEG library (on Debian: apt-get install libopenjp2-7)");
        var data = TestPicture.Embedded(name);
        var expected = Decode(data);
        for (var c = 0; c < 3; c++)
        {
            data[FirstSign + (3 * c)] |= 0x80;
        }

        var read = new RgbImage(61, 47);
        Jpeg2000Decoder.Decode(data, Jpeg2000Decoder.Colour.Rgb, read.Pixels, 61 * 3, library ? OpenJpegDecoder.Installed : null);
        TestPicture.AssertSame(expected, read);
    }

    public void Dispose() => _folder.Dispose();

    private static TestTiff InPlanes(RgbImage picture, int compression)
    {
        var tiff = new TestTiff();
        var page = tiff.Add(picture, 1, 47, tiled: false, planar: true);
        page.Tags[259] = (ushort)compression;
        page.Parts.Clear();
        page.Parts.AddRange(new[] { "red", "green", "blue" }.Select(c => TestPicture.Embedded($"plane-{c}.j2k")));
        return tiff;
    }

    private static void DecodeByOwn(byte[] data, int width) =>
        Jpeg2000Decoder.Decode(data, Jpeg2000Decoder.Colour.Rgb, new byte[width * 3], width * 3, null);

    /// <summary>A row of tiles of one pixel in 33 resolutions, each with a byte of packets.</summary>
    private static byte[] OfManyTiles(int tiles, ushort layers, byte step, byte progression = 0)
    {
        const int Levels = 32;
        var data = new MemoryStream();
        void Number(uint value, int bytes)
        {
            for (var i = bytes - 1; i >= 0; i--)
            {
                data.WriteByte((byte)(value >> (8 * i)));
            }
        }

        data.Write([0xFF, 0x4F, 0xFF, 0x51, 0, 47, 0, 0]);
        foreach (var number in new uint[] { (uint)tiles, 1, 0, 0, 1, 1, 0, 0 })
        {
            Number(number, 4);
        }

        data.Write([0, 3, 7, step, step, 7, step, step, 7, step, step, 0xFF, 0x52, 0, 12, 0, progression]);
        Number(layers, 2);
        data.Write([0, Levels, 0, 0, 0, 1, 0xFF, 0x5C, 0, 3 + (3 * Levels) + 1, 0x40]);
        data.Write([.. Enumerable.Repeat((byte)0x48, (3 * Levels) + 1)]);
        for (var i = 0; i < tiles; i++)
        {
            data.Write([0xFF, 0x90, 0, 10]);
            Number((uint)i, 2);
            Number(15, 4);
            data.Write([0, 1, 0xFF, 0x93, 0]);
        }

        return data.ToArray();
    }

    private static RgbImage Decode(byte[] data)
    {
        var size = Jpeg2000Decoder.ReadSize(data);
        if (size.Area > 1_000_000)
        {
            throw new InvalidDataException("too large for this test");
        }

        var image = new RgbImage(size.Width, size.Height);
        Jpeg2000Decoder.Decode(data, Jpeg2000Decoder.Colour.Rgb, image.Pixels, size.Width * 3);
        return image;
    }
}
