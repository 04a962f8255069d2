using HoverFast.Slides;
using HoverFast.Slides.Tiff;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>What programs of the field write into TIFF files, by the rules and beside them.</summary>
public sealed class TiffDialectTests : IDisposable
{
    private static readonly RgbImage _picture = TestPicture.Make(150, 101);
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("Aperio X|MPP = 0,2500|Left = 1,0", 0.25)]
    [InlineData("Aperio X|AppMag = 40|MPP=0.2500", 0.25)]
    [InlineData("Aperio X|MPP = 1.234,5", null)]
    [InlineData("Aperio X|MPP = a lot", null)]
    public void AperiosPixelSizeMayHaveADecimalComma(string description, double? mpp) => Assert.Equal(mpp, MppOf(description));

    [Theory]
    [InlineData("PhysicalSizeX=\"0,5\"", 0.5)]
    [InlineData("PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"\u00B5m\"", 0.5)]
    [InlineData("PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"\u03BCm\"", 0.5)]
    [InlineData("PhysicalSizeX=\"500\" PhysicalSizeXUnit=\"nm\"", 0.5)]
    [InlineData("PhysicalSizeX=\"5e-7\" PhysicalSizeXUnit=\"m\"", 0.5)]
    [InlineData("PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"pixel\"", null)]
    [InlineData("PhysicalSizeX=\"1,000.5\"", null)]
    public void OmePixelSizes(string attributes, double? mpp) =>
        Assert.Equal(mpp, MppOf($"<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME><Image><Pixels SizeX=\"150\" SizeY=\"101\" {attributes}/></Image></OME>"));

    [Fact]
    public void OmeUnitsInLatin1AreUnderstood()
    {
        var tiff = new TestTiff();
        var page = tiff.Add(_picture);
        page.Tags[270] = System.Text.Encoding.Latin1.GetBytes(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME><Image><Pixels PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"\u00B5m\"/></Image></OME>\0");
        using var slide = Open(tiff);
        Assert.Equal(0.5, slide.Calibration!.Mpp.MicronsPerPixel);
    }

    [Theory]
    [InlineData("micron", 4, 0.25)]
    [InlineData("\\u00B5m", 4, 0.25)]
    [InlineData("um", 4, 0.25)]
    [InlineData("cm", 40000, 0.25)]
    [InlineData("inch", 101600, 0.25)]
    [InlineData("mm", 4000, 0.25)]
    [InlineData("pixel", 4, null)]
    public void ImageJsUnits(string unit, double perUnit, double? mpp)
    {
        var tiff = new TestTiff();
        var page = tiff.Add(_picture);
        page.Tags[270] = $"ImageJ=1.53t\nunit={unit}\n";
        page.Tags[282] = perUnit;
        page.Tags[283] = perUnit;
        page.Tags[296] = (ushort)1;
        using var slide = Open(tiff);
        Assert.Equal(mpp, slide.Calibration?.Mpp.MicronsPerPixel);
    }

    [Theory]
    [InlineData(40000, 20000, true)]
    [InlineData(40000, 80000, true)]
    [InlineData(40000, 39500, false)]
    [InlineData(40000, 0, false)]
    public void PixelsThatArentSquareAreRefused(double perUnitX, double perUnitY, bool refused)
    {
        var tiff = new TestTiff();
        var tags = tiff.Add(_picture).Tags;
        tags[282] = perUnitX;
        tags[283] = perUnitY;
        tags[296] = (ushort)3;
        using var slide = Open(tiff);
        if (refused)
        {
            Assert.Contains("must be square", Assert.Throws<SlideException>(() => new SlideCalibrator().Resolve(slide)).Message);
        }
        else
        {
            Assert.Equal(0.25, new SlideCalibrator().Resolve(slide).Mpp.MicronsPerPixel);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(32773)]
    public void FillOrderTwoTurnsBits(int compression)
    {
        var tiff = new TestTiff();
        var page = tiff.Add(_picture, compression);
        page.Tags[266] = (ushort)2;
        for (var i = 0; i < page.Parts.Count; i++)
        {
            page.Parts[i] = [.. page.Parts[i].Select(Turned)];
        }

        using var slide = Open(tiff);
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));

        static byte Turned(byte b)
        {
            var turned = 0;
            for (var bit = 0; bit < 8; bit++)
            {
                turned |= ((b >> bit) & 1) << (7 - bit);
            }

            return (byte)turned;
        }
    }

    [Fact]
    public void TilesMayBeListedUnderTheTagsOfStrips()
    {
        var tiff = new TestTiff();
        tiff.Add(_picture, 8).ListsTilesAsStrips = true;
        using var slide = Open(tiff);
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
    }

    [Fact]
    public void RubbishInTheLastPointerEndsTheChain()
    {
        var tiff = new TestTiff();
        tiff.Add(_picture, 8);
        var bytes = tiff.ToBytes();
        bytes.AsSpan(bytes.Length - 4).Fill(0x7F);
        using var slide = Slide.Open(_folder.Write("a.tif", bytes));
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(14)]
    public void SixteenBitsMayHoldFewer(int used)
    {
        foreach (var (compression, planar, predictor) in new[] { (1, false, 1), (8, true, 2), (5, false, 2) })
        {
            var tiff = new TestTiff { UsedBits = used };
            tiff.Add(_picture, compression, bits: 16, planar: planar, predictor: predictor);
            using var slide = Open(tiff);
            TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
        }
    }

    /// <summary>The predictor is a part of LZW, deflate and Zstandard; on other data its tag means nothing.</summary>
    [Theory]
    [InlineData(1, 8)]
    [InlineData(1, 16)]
    [InlineData(32773, 8)]
    public void APredictorThatNothingWasPackedWithIsLeftAside(int compression, int bits)
    {
        var tiff = new TestTiff();
        tiff.Add(_picture, compression, bits: bits).Tags[317] = (ushort)2;
        using var slide = Open(tiff);
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
    }

    /// <summary>Alpha, or whatever a fourth sample is, may use all 16 bits where the colours use fewer.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void TheFourthSampleSaysNothingOfTheColoursDepth(int extra)
    {
        foreach (var planar in new[] { false, true })
        {
            var tiff = new TestTiff { UsedBits = 12 };
            var page = tiff.Add(_picture, bits: 16, samples: 4, planar: planar);
            page.Tags[338] = (ushort)extra;
            for (var p = 0; p < page.Parts.Count; p++)
            {
                for (var i = 0; i + 1 < page.Parts[p].Length; i += 2)
                {
                    if (planar ? p >= page.Parts.Count * 3 / 4 : i % 8 == 6)
                    {
                        page.Parts[p].AsSpan(i, 2).Fill(255);
                    }
                }
            }

            using var slide = Open(tiff);
            TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
        }
    }

    [Theory]
    [InlineData(null, 0, 200)]
    [InlineData(0, 0, 200)]
    [InlineData(0, 128, 200)]
    [InlineData(2, 0, 255)]
    [InlineData(2, 128, 227)]
    [InlineData(2, 255, 200)]
    [InlineData(1, 255, 200)]
    [InlineData(1, 205, 250)]
    public void Tag338SaysWhatTheFourthSampleIs(int? extra, int fourth, int expected)
    {
        foreach (var bits in new[] { 8, 16 })
        {
            foreach (var planar in new[] { false, true })
            {
                var gray = new RgbImage(40, 30);
                gray.Span.Fill(200);
                var tiff = new TestTiff { Fourth = (byte)fourth };
                var page = tiff.Add(gray, 8, samples: 4, bits: bits, planar: planar);
                if (extra is { } e)
                {
                    page.Tags[338] = (ushort)e;
                }

                using var slide = Open(tiff);
                Assert.All(TestPicture.ReadLevel(slide).Span.ToArray(), b => Assert.Equal(expected, b));
            }
        }
    }

    [Fact]
    public void BilevelGrayIsRead()
    {
        var tiff = new TestTiff();
        var page = tiff.Add(new RgbImage(10, 3), samples: 1, photometric: 1, tiled: false, tile: 3);
        page.Tags[258] = (ushort)1;
        page.Parts[0] = [0b10100000, 0b01000000, 0, 0, 0b11111111, 0b11000000];
        using var slide = Open(tiff);
        var read = TestPicture.ReadLevel(slide);
        Assert.Equal([1, 0, 1, 0, 0, 0, 0, 0, 0, 1], Enumerable.Range(0, 10).Select(x => read.Row(0)[x * 3] / 255));
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], Enumerable.Range(0, 10).Select(x => read.Row(2)[(x * 3) + 1] / 255));
    }

    [Theory]
    [InlineData("reduced")]
    [InlineData("small")]
    [InlineData("named")]
    public void TheSlideIsThePageWithTheMostPixels(string kind)
    {
        var tiff = new TestTiff();
        var first = tiff.Add(TestPicture.Make(kind == "named" ? 400 : 60, kind == "named" ? 300 : 40, 5), tiled: false, tile: 400);
        if (kind == "reduced")
        {
            first.Tags[254] = 1u;
        }
        else if (kind == "named")
        {
            first.Tags[270] = "Macro image";
        }

        var full = tiff.Add(_picture);
        full.Tags[282] = 20000.0;
        full.Tags[296] = (ushort)3;
        tiff.Add(TestPicture.Make(75, 50, 2)).Tags[254] = 1u;
        using var slide = Open(tiff);
        Assert.Equal([_picture.Size, new PixelSize(75, 50)], slide.Levels.Select(l => l.Size));
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
        Assert.Equal(0.5, slide.Calibration!.Mpp.MicronsPerPixel);
    }

    [Theory]
    [InlineData(259, 34676u)]
    [InlineData(322, 0u)]
    [InlineData(324, 8u)]
    public void ADamagedSmallerLevelIsLeftOut(int tag, uint value)
    {
        foreach (var description in new[] { null, "<DataObject ObjectType=\"DPUfsImport\"/>", "<?xml version=\"1.0\"?><OME><Image><Pixels/></Image></OME>" })
        {
            var tiff = new TestTiff();
            var full = tiff.Add(TestPicture.Make(256, 256));
            if (description is not null)
            {
                full.Tags[270] = description;
            }

            var parent = description is null || description.Contains("OME", StringComparison.Ordinal) ? full : null;
            tiff.Add(TestPicture.Make(128, 128, 2), parent: parent).Tags[(ushort)tag] = value;
            tiff.Add(TestPicture.Make(64, 64, 3), parent: parent);
            using var slide = Open(tiff);
            Assert.Equal([1, 4], slide.Levels.Select(l => l.Downsample));
            TestPicture.AssertSame(TestPicture.Make(256, 256), TestPicture.ReadLevel(slide));
            TestPicture.AssertSame(TestPicture.Make(64, 64, 3), TestPicture.ReadLevel(slide, 1));
        }
    }

    [Fact]
    public void RubbishAmongThePointersToSmallerLevelsIsLeftOut()
    {
        foreach (var pointers in new object[] { new[] { 0x7FFFFFFFu, 3u }, 0x7FFFFFFFu, "rubbish" })
        {
            var tiff = new TestTiff();
            tiff.Add(_picture).Tags[330] = pointers;
            using var slide = Open(tiff);
            Assert.Single(slide.Levels);
            TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
        }
    }

    [Fact]
    public void ALevelThatOneChannelLacksIsLeftOut()
    {
        var tiff = new TestTiff();
        for (var channel = 0; channel < 3; channel++)
        {
            var page = AddPlane(tiff, channel);
            tiff.Add(TestPicture.Make(75, 51, 2), 8, samples: 1, photometric: 1, parent: page).Tags[259] = channel == 1 ? (ushort)34676 : (ushort)8;
            tiff.Add(TestPicture.Make(38, 25, 3), 8, samples: 1, photometric: 1, parent: page);
        }

        tiff.Pages[0].Tags[270] =
            "<?xml version=\"1.0\"?><OME><Image><Pixels DimensionOrder=\"XYCZT\" SizeX=\"150\" SizeY=\"101\" SizeC=\"3\" SizeZ=\"1\"><TiffData/></Pixels></Image></OME>";
        using var slide = Open(tiff);
        Assert.Equal([_picture.Size, new PixelSize(38, 25)], slide.Levels.Select(l => l.Size));
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
    }

    [Fact]
    public void OmesMacroMayComeFirst()
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(170, 160, 5)).Tags[270] =
            "<?xml version=\"1.0\"?><OME><Image Name=\"macro image\"><Pixels SizeX=\"170\" SizeY=\"160\" PhysicalSizeX=\"8\"><TiffData IFD=\"0\"/></Pixels></Image>"
            + "<Image Name=\"scan\"><Pixels SizeX=\"150\" SizeY=\"101\" PhysicalSizeX=\"0.25\"><TiffData IFD=\"1\"/></Pixels></Image></OME>";
        var full = tiff.Add(_picture);
        tiff.Add(TestPicture.Make(75, 50, 2), parent: full);
        using var slide = Open(tiff);
        Assert.Equal([_picture.Size, new PixelSize(75, 50)], slide.Levels.Select(l => l.Size));
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel);
    }

    [Theory]
    [InlineData("XYCZT", 1, "Red", true)]
    [InlineData("XYZCT", 2, "", true)]
    [InlineData("XYCZT", 1, "DAPI", false)]
    public void OmesThreePlanesAreRedGreenAndBlueOrRefused(string order, int focalPlanes, string name, bool read)
    {
        var tiff = new TestTiff();
        var first = AddPlane(tiff, 0);
        first.Tags[270] =
            $"<?xml version=\"1.0\"?><OME><Image><Pixels DimensionOrder=\"{order}\" SizeX=\"150\" SizeY=\"101\" SizeC=\"3\" SizeZ=\"{focalPlanes}\" PhysicalSizeX=\"0.25\">"
            + $"<Channel Name=\"{name}\"/><Channel/><Channel/><TiffData/></Pixels></Image></OME>";
        for (var n = 1; n < 3 * focalPlanes; n++)
        {
            AddPlane(tiff, n / focalPlanes);
        }

        if (read)
        {
            using var slide = Open(tiff);
            TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
            Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel);
        }
        else
        {
            Assert.Contains("3 channels of one shade each (DAPI)", Assert.Throws<SlideException>(() => Open(tiff)).Message);
        }
    }

    [Theory]
    [InlineData("ImageJ=1.53t\nimages=3\nchannels=3\nmode=composite\nunit=micron\n", 3, true)]
    [InlineData("ImageJ=1.53t\nimages=3\nslices=3\n", 3, false)]
    [InlineData("ImageJ=1.53t\nimages=2\nchannels=2\nmode=composite\n", 2, false)]
    [InlineData("", 3, false)]
    public void ImageJsCompositesAreRedGreenAndBlueOrRefused(string description, int planes, bool read)
    {
        var tiff = new TestTiff();
        for (var c = 0; c < planes; c++)
        {
            var page = AddPlane(tiff, c);
            if (c == 0 && description.Length > 0)
            {
                page.Tags[270] = description;
            }
        }

        if (read)
        {
            using var slide = Open(tiff);
            TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
        }
        else
        {
            Assert.Contains($"{planes} gray pictures", Assert.Throws<SlideException>(() => Open(tiff)).Message);
        }
    }

    [Theory]
    [InlineData("jfif", true)]
    [InlineData("adobe-ycc", true)]
    [InlineData("adobe-rgb", false)]
    [InlineData("none", false)]
    [InlineData("subsampled", true)]
    public void AStreamThatIsPlainCountsMoreThanTheTag(string segment, bool isYCbCr)
    {
        // The tag says RGB; the stream was made as YCbCr.
        var tagged = new TestTiff();
        var page = tagged.Add(TestPicture.Make(64, 64), 7, photometric: 2);
        page.Parts[0] = WithSegment(TestPicture.Jpeg(TestPicture.Make(64, 64), fullChroma: segment != "subsampled"), segment);
        using var slide = Open(tagged);
        var difference = TestPicture.MeanDifference(TestPicture.Make(64, 64), TestPicture.ReadLevel(slide));
        Assert.True(isYCbCr ? difference < 6 : difference > 20, $"{segment}: {difference:0.0} off");
    }

    [Fact]
    public void AbsentCoarseTilesComeFromTheFinerLevel()
    {
        foreach (var compression in new[] { 8, 7 })
        {
            var tiff = new TestTiff();
            var photometric = compression == 7 ? 6 : 2;
            var fine = TestPicture.Make(512, 256);
            var blank = TestPicture.Crop(fine, new PixelRect(1000, 0, 512, 256));
            tiff.Add(fine, compression, photometric: photometric).Parts[0] = [];
            var half = tiff.Add(blank, compression, photometric: photometric);
            half.Parts.Clear();
            half.Tags[256] = 256u;
            half.Tags[257] = 128u;
            half.Parts.AddRange(Enumerable.Repeat(Array.Empty<byte>(), 8));
            var quarter = tiff.Add(TestPicture.Make(128, 64), compression, photometric: photometric);
            quarter.Parts[0] = [];
            using var slide = Open(tiff);
            Assert.Equal(3, slide.Levels.Count);

            // The second tile of the coarsest level is stored, the first is made; its corner is white, as the finest level lacks that.
            var coarse = TestPicture.ReadLevel(slide, 2);
            var full = TestPicture.ReadLevel(slide);
            foreach (var (x, y) in new[] { (40, 10), (20, 30), (63, 63), (5, 5) })
            {
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0;
                    for (var k = 0; k < 16; k++)
                    {
                        sum += full.Row((y * 4) + (k / 4))[(((x * 4) + (k % 4)) * 3) + c];
                    }

                    Assert.InRange(coarse.Row(y)[(x * 3) + c], (sum / 16) - 6, (sum / 16) + 6);
                }
            }

            Assert.Equal([255, 255, 255], coarse.Row(2).Slice(6, 3).ToArray());
            if (compression == 8)
            {
                TestPicture.AssertSame(
                    TestPicture.Crop(TestPicture.Make(128, 64), new PixelRect(64, 0, 64, 64)),
                    TestPicture.Crop(coarse, new PixelRect(64, 0, 64, 64)));
            }
        }
    }

    [Theory]
    [InlineData("red", "R")]
    [InlineData("Channel:0:2", "2")]
    public void ImageJTextIsReadInLines(string mode, string value)
    {
        var description = new ImageJDescription($"ImageJ=1\nmode={mode}\nunit = {value}\nmode=other\n");
        Assert.Equal(mode, description.Mode);
        Assert.Equal(value, description.Unit);
        Assert.Equal(1, description.Channels);
    }

    public void Dispose() => _folder.Dispose();

    private static TestTiff.Page AddPlane(TestTiff tiff, int channel)
    {
        var plane = new RgbImage(_picture.Width, _picture.Height);
        for (var i = 0; i < plane.Span.Length; i++)
        {
            plane.Pixels[i] = _picture.Pixels[(i / 3 * 3) + channel];
        }

        return tiff.Add(plane, 8, samples: 1, photometric: 1);
    }

    /// <summary>Drops the application segments of a JPEG stream and puts one (or none) in their place.</summary>
    private static byte[] WithSegment(byte[] stream, string segment)
    {
        var bytes = new List<byte> { 0xFF, 0xD8 };
        bytes.AddRange(segment switch
        {
            "jfif" => [0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0],
            "adobe-ycc" => [0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, 1],
            "adobe-rgb" => [0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0],
            _ => [],
        });
        var at = 2;
        while (stream[at + 1] is >= 0xE0 and <= 0xEF)
        {
            at += 2 + (stream[at + 2] << 8) + stream[at + 3];
        }

        bytes.AddRange(stream[at..]);
        return [.. bytes];
    }

    private double? MppOf(string description)
    {
        var tiff = new TestTiff();
        tiff.Add(_picture).Tags[270] = description;
        using var slide = Open(tiff);
        return slide.Calibration?.Mpp.MicronsPerPixel;
    }

    private ISlide Open(TestTiff tiff) => Slide.Open(_folder.Write($"{Guid.NewGuid():N}.tif", tiff.ToBytes()));
}
