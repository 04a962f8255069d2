using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class TiffSlideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, int, int, bool> Lossless()
    {
        var data = new TheoryData<int, int, int, bool>();
        foreach (var compression in new[] { 1, 5, 8, 32946, 32773, 50000 })
        {
            foreach (var bits in new[] { 8, 16 })
            {
                data.Add(compression, compression is 1 or 32773 ? 1 : 2, bits, true);
                data.Add(compression, 1, bits, false);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Lossless))]
    public void ReadsEveryLosslessCompression(int compression, int predictor, int bits, bool tiled)
    {
        var picture = TestPicture.Make(150, 101);
        foreach (var (bigEndian, big) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            var tiff = new TestTiff(bigEndian, big);
            tiff.Add(picture, compression, tiled ? 64 : 30, predictor, tiled, bits: bits);
            using var slide = Open(tiff);
            TestPicture.AssertSame(picture, TestPicture.ReadLevel(slide));
        }
    }

    [Theory]
    [InlineData(1, 8, 3)]
    [InlineData(5, 16, 3)]
    [InlineData(50000, 8, 4)]
    public void ReadsSeparatePlanes(int compression, int bits, int samples)
    {
        var picture = TestPicture.Make(150, 101);
        var tiff = new TestTiff();
        tiff.Add(picture, compression, predictor: compression == 1 ? 1 : 2, bits: bits, planar: true, samples: samples);
        using var slide = Open(tiff);
        TestPicture.AssertSame(picture, TestPicture.ReadLevel(slide));
    }

    [Theory]
    [InlineData(true, 64, 3, 2)]
    [InlineData(false, 30, 3, 2)]
    [InlineData(true, 64, 4, 2)]
    [InlineData(true, 64, 3, 6)]
    public void ReadsJpegInSeparatePlanes(bool tiled, int rows, int samples, int photometric)
    {
        var picture = TestPicture.Make(150, 101);
        var tiff = new TestTiff { Fourth = 0 };
        var page = tiff.Add(photometric == 6 ? ToYCbCr(picture) : picture, 7, rows, tiled: tiled, planar: true, samples: samples, photometric: photometric);
        page.Tags[347] = TakeTables(page.Parts);
        using var slide = Open(tiff);
        TestPicture.AssertClose(picture, TestPicture.ReadLevel(slide), 3);
        Assert.Equal([1], slide.ReductionsOf(0));
    }

    [Fact]
    public void PlanesThatArentOfOneKindAreErrors()
    {
        var picture = TestPicture.Make(64, 64);
        foreach (var (part, said) in new[]
        {
            (TestPicture.Jpeg(picture), "3 components"),
            (TestPicture.GrayJpeg(new byte[32 * 32], 32, 32), "32 x 32 pixels where 64 x 64"),
        })
        {
            var tiff = new TestTiff();
            tiff.Add(picture, 7, planar: true, photometric: 6).Parts[2] = part;
            using var slide = Open(tiff);
            Assert.Contains(said, Assert.Throws<SlideException>(() => TestPicture.ReadLevel(slide)).Message);
        }

        var deep = new TestTiff();
        deep.Add(picture, bits: 16, planar: true).Tags[259] = (ushort)33005;
        Assert.Contains("JPEG 2000 data of 16 bits", Assert.Throws<SlideException>(() => Open(deep)).Message);
    }

    [Fact]
    public void ReadsRgba()
    {
        var picture = TestPicture.Make(70, 50);
        var tiff = new TestTiff();
        tiff.Add(picture, 8, samples: 4);
        using var slide = Open(tiff);
        TestPicture.AssertSame(picture, TestPicture.ReadLevel(slide));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ReadsGray(int photometric)
    {
        var picture = TestPicture.Make(70, 50);
        var tiff = new TestTiff();
        tiff.Add(picture, 5, samples: 1, photometric: photometric);
        using var slide = Open(tiff);
        var read = TestPicture.ReadLevel(slide);
        for (var i = 0; i < picture.Span.Length; i++)
        {
            Assert.Equal(picture.Span[i / 3 * 3], read.Span[i]);
        }
    }

    [Fact]
    public void ReadsPalette()
    {
        var picture = TestPicture.Make(70, 50);
        var tiff = new TestTiff();
        var page = tiff.Add(picture, 1, samples: 1, photometric: 3);
        page.Tags[320] = Enumerable.Range(0, 768).Select(i => (ushort)(((i / 256 * 40) + (i % 256 / 2)) << 8)).ToArray();
        using var slide = Open(tiff);
        var read = TestPicture.ReadLevel(slide);
        for (var i = 0; i < picture.Span.Length; i++)
        {
            Assert.Equal((i % 3 * 40) + (picture.Span[i / 3 * 3] / 2), read.Span[i]);
        }
    }

    [Theory]
    [InlineData(true, 64)]
    [InlineData(false, 32)]
    [InlineData(false, 1000)]
    public void ReadsJpegTilesAndStrips(bool tiled, int rows)
    {
        var picture = TestPicture.Make(150, 101);
        var tiff = new TestTiff();
        tiff.Add(picture, 7, rows, tiled: tiled, photometric: 6);
        using var slide = Open(tiff);
        TestPicture.AssertClose(picture, TestPicture.ReadLevel(slide), 6);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(33005)]
    public void GrayStreamsWhoseZeroIsWhiteAreTurnedAround(int compression)
    {
        var picture = TestPicture.Make(61, 47);
        var tiff = new TestTiff();
        var page = tiff.Add(picture, 1, 64, samples: 1, photometric: 0, tiled: false);
        page.Tags[259] = (ushort)compression;
        page.Parts[0] = compression == 7
            ? TestPicture.GrayJpeg([.. picture.Span.ToArray().Where((_, i) => i % 3 == 0)], 61, 47)
            : TestPicture.Embedded("plane-red.j2k");
        using var slide = Open(tiff);
        var expected = new RgbImage(61, 47);
        for (var i = 0; i < expected.Pixels.Length; i++)
        {
            expected.Pixels[i] = (byte)(255 - picture.Span[i / 3 * 3]);
        }

        TestPicture.AssertClose(expected, TestPicture.ReadLevel(slide), compression == 7 ? 6 : 0);
    }

    [Fact]
    public void JpegTablesMayStandApart()
    {
        var picture = TestPicture.Make(128, 128);
        var whole = new TestTiff();
        whole.Add(picture, 7, photometric: 6);
        var apart = new TestTiff();
        var page = apart.Add(picture, 7, photometric: 6);
        page.Tags[347] = TakeTables(page.Parts);
        using var expected = Open(whole);
        using var actual = Open(apart);
        TestPicture.AssertSame(TestPicture.ReadLevel(expected), TestPicture.ReadLevel(actual));
    }

    [Fact]
    public void PhotometricTagDecidesAboutJpegColour()
    {
        // The same bytes, stripped of what says that they are YCbCr, under a tag that says RGB: the components come out as they are stored.
        var picture = TestPicture.Make(64, 64);
        var asYCbCr = new TestTiff();
        asYCbCr.Add(picture, 7, photometric: 6);
        var asRgb = new TestTiff();
        var page = asRgb.Add(picture, 7, photometric: 2);
        asYCbCr.Pages[0].Parts[0] = TestPicture.Jpeg(picture, fullChroma: true);
        page.Parts[0] = [.. asYCbCr.Pages[0].Parts[0][..2], .. asYCbCr.Pages[0].Parts[0][20..]];
        using var colours = Open(asYCbCr);
        using var components = Open(asRgb);
        var rgb = TestPicture.ReadLevel(colours);
        var raw = TestPicture.ReadLevel(components);
        double error = 0;
        for (var i = 0; i < rgb.Span.Length; i += 3)
        {
            var luma = (0.299 * rgb.Span[i]) + (0.587 * rgb.Span[i + 1]) + (0.114 * rgb.Span[i + 2]);
            error += Math.Abs(luma - raw.Span[i]);
        }

        Assert.True(error / (64 * 64) < 1.5, $"the first component is off luma by {error / (64 * 64):0.0}");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void ShrinksWhileDecodingJpeg(int reduction)
    {
        var picture = TestPicture.Make(192, 128);
        var tiff = new TestTiff();
        tiff.Add(picture, 7, photometric: 6);
        using var slide = Open(tiff);
        Assert.Contains(reduction, slide.ReductionsOf(0));
        var full = TestPicture.ReadLevel(slide);
        var small = TestPicture.ReadLevel(slide, 0, reduction);
        var mean = new RgbImage(192 / reduction, 128 / reduction);
        for (var i = 0; i < mean.Span.Length; i++)
        {
            var (c, x, y) = (i % 3, i / 3 % mean.Width, i / 3 / mean.Width);
            var sum = 0;
            for (var k = 0; k < reduction * reduction; k++)
            {
                sum += full.Row((y * reduction) + (k / reduction))[(((x * reduction) + (k % reduction)) * 3) + c];
            }

            mean.Span[i] = (byte)(sum / (reduction * reduction));
        }

        TestPicture.AssertClose(mean, small, 4);
    }

    [Fact]
    public void FindsThePyramidInPages()
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(300, 200));
        tiff.Add(TestPicture.Make(90, 90, 5));
        tiff.Add(TestPicture.Make(150, 100, 2)).Tags[254] = 1u;
        tiff.Add(TestPicture.Make(75, 50, 3)).Tags[254] = 1u;
        using var slide = Open(tiff);
        Assert.Equal([new(300, 200), new(150, 100), new PixelSize(75, 50)], slide.Levels.Select(l => l.Size));
        Assert.Equal([1, 2, 4], slide.Levels.Select(l => l.Downsample));
        TestPicture.AssertSame(TestPicture.Make(75, 50, 3), TestPicture.ReadLevel(slide, 2));
    }

    [Fact]
    public void FindsThePyramidOfOmeInSubDirectories()
    {
        var tiff = new TestTiff(big: true);
        var page = tiff.Add(TestPicture.Make(300, 200), 8);
        page.Tags[270] =
            "<?xml version=\"1.0\"?><OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"><Image><Pixels SizeX=\"300\" PhysicalSizeX=\"250\" PhysicalSizeXUnit=\"nm\"/></Image></OME>";
        tiff.Add(TestPicture.Make(150, 100, 2), 8, parent: page);
        tiff.Add(TestPicture.Make(75, 50, 3), 8, parent: page);
        tiff.Add(TestPicture.Make(60, 40, 4), 8);
        using var slide = Open(tiff);
        Assert.Equal("OME-TIFF", slide.Format);
        Assert.Equal(3, slide.Levels.Count);
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel, 6);
        TestPicture.AssertSame(TestPicture.Make(150, 100, 2), TestPicture.ReadLevel(slide, 1));
    }

    [Fact]
    public void PhilipsLevelsAreHalvedWhateverTheirSizesSay()
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(320, 192)).Tags[270] = "<?xml version=\"1.0\"?><DataObject ObjectType=\"DPUfsImport\">" +
            "<Attribute Name=\"DICOM_PIXEL_SPACING\" PMSVR=\"IDoubleArray\">&quot;0.0005&quot; &quot;0.0005&quot;</Attribute>" +
            "<Attribute Name=\"DICOM_PIXEL_SPACING\" PMSVR=\"IDoubleArray\">&quot;0.00025&quot; &quot;0.00025&quot;</Attribute></DataObject>";
        tiff.Add(TestPicture.Make(192, 128, 2));
        tiff.Add(TestPicture.Make(128, 64, 3));
        tiff.Add(TestPicture.Make(40, 40, 4), tile: 40, tiled: false).Tags[270] = "Label";
        using var slide = Open(tiff);
        Assert.Equal("Philips TIFF", slide.Format);
        Assert.Equal([1, 2, 4], slide.Levels.Select(l => l.Downsample));
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel, 9);
    }

    [Theory]
    [InlineData("Aperio Image Library v1\r\n10x10|AppMag = 40|MPP = 0.2520|X = 1", 0.252)]
    [InlineData("Aperio Image Library v1\r\n10x10|AppMag = 40", null)]
    [InlineData("Aperio Image Library v1\r\n10x10|MPP = 0", null)]
    public void FindsAperiosPixelSize(string description, double? mpp)
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(64, 64)).Tags[270] = description;
        using var slide = Open(tiff);
        Assert.Equal("Aperio SVS", slide.Format);
        Assert.Equal(mpp, slide.Calibration?.Mpp.MicronsPerPixel);
    }

    [Theory]
    [InlineData(3, 40000, 0.25)]
    [InlineData(2, 50800, 0.5)]
    [InlineData(2, 72, null)]
    [InlineData(2, 96, null)]
    [InlineData(1, 40000, null)]
    public void BelievesResolutionTagsOnlyWhenTheyAreAMicroscopes(int unit, double perUnit, double? mpp)
    {
        var tiff = new TestTiff();
        var page = tiff.Add(TestPicture.Make(64, 64));
        page.Tags[296] = (ushort)unit;
        page.Tags[282] = perUnit;
        using var slide = Open(tiff);
        Assert.Equal(mpp, slide.Calibration?.Mpp.MicronsPerPixel);
    }

    [Fact]
    public void FindsImageJsPixelSize()
    {
        var tiff = new TestTiff();
        var page = tiff.Add(TestPicture.Make(64, 64));
        page.Tags[270] = "ImageJ=1.53t\nunit=micron\n";
        page.Tags[296] = (ushort)1;
        page.Tags[282] = 2.0;
        using var slide = Open(tiff);
        Assert.Equal(0.5, slide.Calibration!.Mpp.MicronsPerPixel);
    }

    [Fact]
    public void AbsentTilesAndTheOutsideAreWhite()
    {
        var picture = TestPicture.Make(128, 128);
        var tiff = new TestTiff();
        var page = tiff.Add(picture);
        page.Parts[1] = [];
        using var slide = Open(tiff);
        var read = TestPicture.Read(slide, new PixelRect(-10, -10, 150, 150));
        var expected = TestPicture.Crop(picture, new PixelRect(-10, -10, 150, 150));
        for (var y = 0; y < 64; y++)
        {
            expected.Row(y + 10).Slice(74 * 3, 64 * 3).Fill(255);
        }

        TestPicture.AssertSame(expected, read);
    }

    [Fact]
    public void ReadsTheSameFromManyThreads()
    {
        var picture = TestPicture.Make(300, 260);
        var tiff = new TestTiff();
        tiff.Add(picture, 8, 32);
        using var slide = Open(tiff);
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var region = new PixelRect((i * 37 % 300) - 20, (i * 53 % 260) - 20, 90, 70);
            TestPicture.AssertSame(TestPicture.Crop(picture, region), TestPicture.Read(slide, region));
        });
    }

    [Fact]
    public void DamagedTileIsReportedWithItsRegion()
    {
        var tiff = new TestTiff();
        var page = tiff.Add(TestPicture.Make(128, 128), 8);
        page.Parts[3] = page.Parts[3][..10];
        using var slide = Open(tiff);
        TestPicture.Read(slide, new PixelRect(0, 0, 128, 64));
        var error = Assert.Throws<SlideException>(() => TestPicture.ReadLevel(slide));
        Assert.Equal(new PixelRect(64, 64, 64, 64), error.Region);
        Assert.Contains("column 1, row 1", error.Message);
    }

    [Fact]
    public void CutJpegTileIsAnErrorNotGray()
    {
        var tiff = new TestTiff();
        var page = tiff.Add(TestPicture.Make(64, 64), 7, photometric: 6);
        page.Parts[0] = page.Parts[0][..(page.Parts[0].Length / 2)];
        using var slide = Open(tiff);
        Assert.Throws<SlideException>(() => TestPicture.ReadLevel(slide));
    }

    [Theory]
    [InlineData(256, 0u)]
    [InlineData(256, 0xFFFFFFFFu)]
    [InlineData(322, 0x00FFFFFFu)]
    [InlineData(324, 8u)]
    [InlineData(258, 1u)]
    [InlineData(259, 52479u)]
    public void RefusesAbsurdTags(int tag, uint value)
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(128, 128)).Tags[(ushort)tag] = value;
        var path = _folder.Write("absurd.tif", tiff.ToBytes());
        var error = Assert.Throws<SlideException>(() => Slide.Open(path));
        Assert.Contains("absurd.tif", error.Message);
    }

    [Fact]
    public void TileOutsideTheFileIsAnError()
    {
        var tiff = new TestTiff();
        var page = tiff.Add(TestPicture.Make(64, 64));
        page.Tags[324] = 0x7FFFFFF0u;
        using var slide = Open(tiff);
        var error = Assert.Throws<SlideException>(() => TestPicture.ReadLevel(slide));
        Assert.Contains("outside the file", error.Message);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The same picture as Y, Cb, Cr (JFIF).</summary>
    private static RgbImage ToYCbCr(RgbImage picture)
    {
        var converted = new RgbImage(picture.Width, picture.Height);
        for (var i = 0; i < picture.Span.Length; i += 3)
        {
            var (r, g, b) = (picture.Span[i], picture.Span[i + 1], picture.Span[i + 2]);
            converted.Span[i] = (byte)Math.Round((0.299 * r) + (0.587 * g) + (0.114 * b));
            converted.Span[i + 1] = (byte)Math.Round(128 - (0.168736 * r) - (0.331264 * g) + (0.5 * b));
            converted.Span[i + 2] = (byte)Math.Round(128 + (0.5 * r) - (0.418688 * g) - (0.081312 * b));
        }

        return converted;
    }

    private ISlide Open(TestTiff tiff) => Slide.Open(_folder.Write($"{Guid.NewGuid():N}.tif", tiff.ToBytes()));

    /// <summary>Moves the quantisation tables, which all streams share, out of the streams.</summary>
    private static byte[] TakeTables(List<byte[]> streams)
    {
        var tables = new List<byte> { 0xFF, 0xD8 };
        for (var n = 0; n < streams.Count; n++)
        {
            var (stream, kept) = (streams[n], new List<byte> { 0xFF, 0xD8 });
            for (var at = 2; ;)
            {
                var end = at + 2 + (stream[at + 2] << 8) + stream[at + 3];
                if (stream[at + 1] == 0xDA)
                {
                    kept.AddRange(stream[at..]);
                    break;
                }

                if (stream[at + 1] != 0xDB)
                {
                    kept.AddRange(stream[at..end]);
                }
                else if (n == 0)
                {
                    tables.AddRange(stream[at..end]);
                }

                at = end;
            }

            streams[n] = [.. kept];
        }

        return [.. tables, 0xFF, 0xD9];
    }
}
