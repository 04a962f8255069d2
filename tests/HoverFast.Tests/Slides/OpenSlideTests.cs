using HoverFast.Slides;
using HoverFast.Slides.OpenSlide;
using HoverFast.Slides.Tiff;
using HoverFast.Synthetic;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class OpenSlideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("a.mrxs", "", "MIRAX")]
    [InlineData("a.vms", "[Virtual Microscope Specimen]\n", "VMS")]
    [InlineData("a.vmu", "[Uncompressed Virtual Microscope Specimen]\n", "VMU")]
    [InlineData("a.svslide", "SQLite format 3\0", "SVSlide")]
    [InlineData("a.czi", "ZISRAWFILE", "CZI")]
    public void KnowsByNameAndContentWhatItCantReadItself(string name, string start, string kind) =>
        Assert.Contains(kind, OpenSlideFormats.Recognise(_folder.File(name), System.Text.Encoding.ASCII.GetBytes(start)));

    [Theory]
    [InlineData("ndpi", "NDPI")]
    [InlineData("scn", "SCN")]
    [InlineData("bif", "BIF")]
    [InlineData("trestle", "Trestle")]
    [InlineData("plain", null)]
    public void KnowsTiffDialectsByTheirTags(string dialect, string? kind)
    {
        var tiff = new TestTiff();
        var tags = tiff.Add(TestPicture.Make(64, 64)).Tags;
        switch (dialect)
        {
            case "ndpi":
                tags[271] = "Hamamatsu";
                tags[65421] = 40.0;
                break;
            case "scn":
                tags[270] = "<?xml version=\"1.0\"?><scn xmlns=\"http://www.leica-microsystems.com/scn/2010/10/01\"/>";
                break;
            case "trestle":
                tags[305] = "MedScan 1.0";
                break;
            case "bif":
                tags[700] = "<Metadata><iScan ScanRes=\"0.25\"/></Metadata>"u8.ToArray();
                break;
        }

        // The name says nothing.
        var path = _folder.Write("a.dat", tiff.ToBytes());
        var found = OpenSlideFormats.Recognise(path, File.ReadAllBytes(path).AsSpan(0, 256));
        Assert.Equal(kind is null, found is null);
        Assert.Contains(kind ?? string.Empty, found ?? string.Empty);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    public void NdpiBeyondFourGigabytesGoesToOpenSlide(int directoryBeyond, int dataBeyond)
    {
        // As Hamamatsu writes it: the header is that of a classic TIFF, but its pointer has 64 bits. The file is sparse.
        const long Beyond = 1L << 32;
        var picture = TestPicture.Make(96, 64);
        var path = _folder.File("a.dat");
        NdpiFile.Write(
            path,
            TestPicture.Jpeg(picture),
            picture.Size,
            (dataBeyond * Beyond) + 4096,
            (directoryBeyond * Beyond) + (directoryBeyond == dataBeyond ? 1 << 20 : 4096));
        Assert.Equal("Hamamatsu NDPI", OpenSlideFormats.Recognise(path, File.OpenHandle(path) is var handle ? Start(handle) : []));
        Assert.SkipWhen(OpenSlideLibrary.Installed is null, "needs the OpenSlide library (on Debian: apt-get install libopenslide0)");
        using var slide = Slide.Open(path);
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel, 4);
        TestPicture.AssertClose(picture, TestPicture.ReadLevel(slide), 6);

        static byte[] Start(Microsoft.Win32.SafeHandles.SafeFileHandle file)
        {
            using (file)
            {
                var start = new byte[256];
                RandomAccess.Read(file, start, 0);
                return start;
            }
        }
    }

    [Fact]
    public void TheOverviewOfOlympusIsNoSlide()
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(64, 64));
        var path = _folder.Write("a.vsi", tiff.ToBytes());
        Assert.Contains("bfconvert", Assert.Throws<SlideException>(() => Slide.Open(path)).Message);
    }

    [Fact]
    public void MissingLibrarySaysHowToInstallIt()
    {
        var error = Assert.Throws<SlideException>(() => OpenSlideSlide.Open("a.mrxs", "MIRAX (MRXS)", null));
        Assert.Contains("apt-get install libopenslide0", error.Message);
        Assert.Contains("brew install openslide", error.Message);
        Assert.Contains("MIRAX", error.Message);
    }

    [Fact]
    public void ReadsWhatOurOwnReaderReads()
    {
        var library = Library();
        var path = _folder.File("a.svs");
        SyntheticSlide.Write(path, new SyntheticSlideOptions { Size = new PixelSize(1500, 1200), TissueFraction = 0.5, Pieces = 1 });
        using var own = Slide.Open(path);
        using var other = OpenSlideSlide.Open(path, "SVS", library);
        Assert.Equal(own.Levels.Select(l => l.Size), other.Levels.Select(l => l.Size));
        Assert.Equal(own.Calibration!.Mpp, other.Calibration!.Mpp);
        Assert.Equal(own.Bounds, other.Bounds);
        var region = new PixelRect(700, 500, 300, 260);
        TestPicture.AssertClose(TestPicture.Read(own, region), TestPicture.Read(other, region), 0.2);
        TestPicture.AssertClose(TestPicture.Read(own, new PixelRect(20, 30, 200, 150), 1), TestPicture.Read(other, new PixelRect(20, 30, 200, 150), 1), 0.2);

        // Outside of the slide is white.
        Assert.Equal([255, 255, 255], TestPicture.Read(other, new PixelRect(5000, 5000, 1, 1)).Span.ToArray());
    }

    [Fact]
    public void WhatOpenSlideRefusesIsRefused()
    {
        var library = Library();
        var path = _folder.Write("a.mrxs", "no slide"u8.ToArray());
        Assert.Contains("OpenSlide", Assert.Throws<SlideException>(() => OpenSlideSlide.Open(path, "MIRAX (MRXS)", library)).Message);
        Assert.Contains("a.mrxs", Assert.Throws<SlideException>(() => Slide.Open(path)).Message);
    }

    [Fact]
    public void OneDamagedTileDoesntSpoilTheRest()
    {
        var library = Library();
        var tiff = new TestTiff();
        var page = tiff.Add(TestPicture.Make(256, 256), 7, 128, photometric: 6);
        page.Tags[270] = "Aperio Image Library v1\r\n256x256|MPP = 0.25";
        page.Tags[530] = new ushort[] { 2, 2 };
        page.Parts[0] = [1, 2, 3, 4, 5, 6, 7, 8];
        var path = _folder.Write("a.svs", tiff.ToBytes());
        using var slide = OpenSlideSlide.Open(path, "SVS", library);
        var error = Assert.Throws<SlideException>(() => TestPicture.Read(slide, new PixelRect(0, 0, 50, 50)));
        Assert.NotNull(error.Region);
        using var own = Slide.Open(path);
        var good = new PixelRect(130, 130, 50, 50);
        TestPicture.AssertClose(TestPicture.Read(own, good), TestPicture.Read(slide, good), 0.2);
    }

    [Fact]
    public void DeadHandlesOfDamagedSlidesAreClosed()
    {
        // Each would keep its decoded tiles: gigabytes, where a scan is damaged over square millimetres.
        var library = Library();
        var tiff = new TestTiff();
        var page = tiff.Add(TestPicture.Make(256, 256), 8, 128);
        page.Tags[270] = "Aperio Image Library v1\r\n256x256|MPP = 0.25";
        page.Parts[0] = new byte[page.Parts[0].Length];
        var slide = OpenSlideSlide.Open(_folder.Write("a.svs", tiff.ToBytes()), "SVS", library);
        var damaged = 0;
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 4 }, n =>
        {
            try
            {
                TestPicture.Read(slide, new PixelRect(n % 2 * 130, n / 2, 50, 20));
            }
            catch (SlideException)
            {
                Interlocked.Increment(ref damaged);
            }
        });
        Assert.InRange(damaged, 32, 64);
        Assert.InRange(slide.Handles, 0, 1);
        TestPicture.Read(slide, new PixelRect(130, 130, 50, 50));
        Assert.Equal(1, slide.Handles);
        slide.Dispose();
        Assert.Equal(0, slide.Handles);
    }

    [Fact]
    public void OverlappingTilesOfTrestleAreReadThroughOpenSlide()
    {
        Library();
        const int Tile = 64;
        const int Step = 48;
        var picture = TestPicture.Make(Step + Tile, Step + Tile);
        var tiles = new RgbImage(2 * Tile, 2 * Tile);
        for (var i = 0; i < 4; i++)
        {
            var (x, y) = (i % 2, i / 2);
            TestPicture.Crop(picture, new PixelRect(x * Step, y * Step, Tile, Tile)).CopyTo(tiles, x * Tile, y * Tile);
        }

        var tiff = new TestTiff();
        var page = tiff.Add(tiles, 1, Tile);
        page.Tags[270] = "Objective Power=20;OverlapsXY= 16 16";
        page.Tags[305] = "MedScan 1.0";
        using var slide = Slide.Open(_folder.Write("a.tif", tiff.ToBytes()));
        Assert.Equal(picture.Size, slide.Levels[0].Size);
        TestPicture.AssertSame(picture, TestPicture.ReadLevel(slide));
    }

    /// <summary>OpenSlide itself is a pixel off there.</summary>
    [Theory]
    [InlineData(-5, -9)]
    public void RegionsThatBeginBesideALevelOfAFractionalFactorAreReadInPlace(int x, int y)
    {
        Library();
        var small = TestPicture.Make(399, 397);
        var tiff = new TestTiff();
        tiff.Add(new RgbImage(801, 799)).Tags[305] = "MedScan 1.0";
        tiff.Pages[0].Tags[270] = "Objective Power=20;";
        tiff.Add(small).Tags[305] = "MedScan 1.0";
        using var slide = Slide.Open(_folder.Write("a.tif", tiff.ToBytes()));
        Assert.InRange(slide.Levels[1].Downsample, 2.005, 2.015);
        var region = new PixelRect(x, y, 90, 80);
        TestPicture.AssertClose(TestPicture.Crop(small, region), TestPicture.Read(slide, region, 1), 0.3);
    }

    /// <summary>In Leica's levels OpenSlide passes on to the pixel before: half of all regions began a pixel early.</summary>
    [Theory]
    [InlineData(-5, -9)]
    [InlineData(7, 100)]
    [InlineData(140, 143)]
    [InlineData(289, 301)]
    public void LeicasLevelsOfAFractionalFactorAreReadInPlace(int x, int y)
    {
        Library();
        const int Nanometres = 250;
        var small = TestPicture.Make(399, 397);
        var tiff = new TestTiff();
        tiff.Add(new RgbImage(801, 799)).Tags[270] = $"""
            <?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01">
            <collection sizeX="{900 * Nanometres}" sizeY="{900 * Nanometres}">
            {Image(900, 900, "<dimension sizeX=\"64\" sizeY=\"64\" r=\"0\" ifd=\"2\"/>")}
            {Image(801, 799, "<dimension sizeX=\"801\" sizeY=\"799\" r=\"0\" ifd=\"0\"/><dimension sizeX=\"399\" sizeY=\"397\" r=\"1\" ifd=\"1\"/>")}
            </collection></scn>
            """;
        tiff.Add(small);
        tiff.Add(TestPicture.Make(64, 64));
        using var slide = Slide.Open(_folder.Write("a.scn", tiff.ToBytes()));
        Assert.InRange(slide.Levels[1].Downsample, 2.001, 2.1);
        var region = new PixelRect(x, y, 90, 80);
        TestPicture.AssertSame(TestPicture.Crop(small, region), TestPicture.Read(slide, region, 1));

        static string Image(int width, int height, string dimensions) => $"""
            <image><device model="Leica SCN400"/><pixels sizeX="{width}" sizeY="{height}">{dimensions}</pixels>
            <view sizeX="{width * Nanometres}" sizeY="{height * Nanometres}" offsetX="0" offsetY="0"/>
            <scanSettings><objectiveSettings><objective>40</objective></objectiveSettings>
            <illuminationSettings><illuminationSource>brightfield</illuminationSource></illuminationSettings></scanSettings></image>
            """;
    }

    [Fact]
    public void TilesThatWouldTakeAllMemoryNeverReachOpenSlide()
    {
        // The library would end the program.
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(64, 64)).Tags[270] = "<?xml version=\"1.0\"?><scn xmlns=\"http://www.leica-microsystems.com/scn/2010/10/01\"/>";
        tiff.Add(TestPicture.Make(64, 64)).Tags[323] = 1u << 23;
        var path = _folder.Write("a.scn", tiff.ToBytes());
        var error = Assert.Throws<SlideException>(() => OpenSlideFormats.Recognise(path, File.ReadAllBytes(path).AsSpan(0, 256)));
        Assert.Contains("far more than a file", error.Message);
    }

    [Fact]
    public void TransparentPixelsAreWhite()
    {
        var rgb = new byte[9];
        OpenSlideSlide.OverWhite([0x00000000, 0xFF102030, 0x80402010], rgb);
        Assert.Equal([255, 255, 255, 0x10, 0x20, 0x30, 0x40 + 127, 0x20 + 127, 0x10 + 127], rgb);
    }

    public void Dispose() => _folder.Dispose();

    private static OpenSlideLibrary Library()
    {
        Assert.SkipWhen(OpenSlideLibrary.Installed is null, "needs the OpenSlide library (on Debian: apt-get install libopenslide0)");
        return OpenSlideLibrary.Installed!;
    }

    /// <summary>The label that OpenSlide gives is the one that our own reader gives.</summary>
    [Fact]
    public void PicturesBesideTheSlideAreRead()
    {
        var library = OpenSlideLibrary.Installed;
        Assert.SkipWhen(library is null, "needs OpenSlide (Debian: libopenslide0)");
        var path = SharedData.Require("slides/CMU-1-Small-Region.svs");
        using var slide = OpenSlideSlide.Open(path, "SVS", library);
        using var ours = Slide.Open(path);
        var label = slide.ReadAssociated(slide.Details.Associated.Single(p => p.Name == "label"));
        var expected = TiffDetails.ReadAssociated(path, [.. ours.Levels.Select(l => l.Size)], ours.Details.Associated.Single(p => p.Name == "label"))!;
        Assert.Equal(expected.Size, label.Size);
        Assert.True(expected.Pixels.Zip(label.Pixels, (a, b) => Math.Abs(a - b)).Average() < 1);
    }
}
