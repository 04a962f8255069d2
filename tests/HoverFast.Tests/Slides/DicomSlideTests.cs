using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class DicomSlideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(TestDicom.Uncompressed, false, false)]
    [InlineData(TestDicom.Uncompressed, true, true)]
    [InlineData(TestDicom.Jpeg, false, true)]
    [InlineData(TestDicom.Jpeg, true, false)]
    public void ReadsFullAndSparseTiling(string syntax, bool sparse, bool undefinedLengths)
    {
        var picture = TestPicture.Make(150, 101);
        using var slide = Slide.Open(_folder.Write("a.dcm", TestDicom.Make(picture, syntax, sparse: sparse, undefinedLengths: undefinedLengths)));
        Assert.Equal("DICOM", slide.Format);
        Assert.Equal(new PixelSize(150, 101), slide.Levels[0].Size);
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel, 9);
        TestPicture.AssertClose(picture, TestPicture.ReadLevel(slide), syntax == TestDicom.Jpeg ? 6 : 0);
    }

    [Fact]
    public void FramesMayLieInFragments()
    {
        var picture = TestPicture.Make(150, 101);
        using var whole = Slide.Open(_folder.Write("a.dcm", TestDicom.Make(picture, TestDicom.Jpeg, series: "1")));
        using var parts = Slide.Open(_folder.Write("b.dcm", TestDicom.Make(picture, TestDicom.Jpeg, series: "2", fragments: true)));
        TestPicture.AssertSame(TestPicture.ReadLevel(whole), TestPicture.ReadLevel(parts));
        Assert.Equal([1, 2, 4, 8], whole.ReductionsOf(0));
    }

    [Fact]
    public void TilesLeftOutAreWhite()
    {
        var picture = TestPicture.Make(128, 128);
        using var slide = Slide.Open(_folder.Write("a.dcm", TestDicom.Make(picture, TestDicom.Uncompressed, sparse: true, leaveOut: (1, 0))));
        var read = TestPicture.ReadLevel(slide);
        Assert.All(read.Row(10)[(64 * 3)..].ToArray(), v => Assert.Equal(255, v));
        Assert.Equal(picture.Row(100).ToArray(), read.Row(100).ToArray());
    }

    [Fact]
    public void LevelsAreTheSeriesInTheFolder()
    {
        var small = TestPicture.Make(75, 50, 3);
        _folder.Write("1.dcm", TestDicom.Make(small, TestDicom.Uncompressed, spacing: 0.0005));
        var path = _folder.Write("2.dcm", TestDicom.Make(TestPicture.Make(150, 100), TestDicom.Uncompressed));
        _folder.Write("3.dcm", TestDicom.Make(TestPicture.Make(90, 90), TestDicom.Uncompressed, series: "9"));
        _folder.Write("4.dcm", TestDicom.Make(TestPicture.Make(60, 40), TestDicom.Uncompressed, type: "DERIVED\\PRIMARY\\LABEL\\NONE"));
        _folder.Write("5.dcm", TestDicom.Make(TestPicture.Make(37, 25), TestDicom.Uncompressed)[..2000]);
        _folder.Write("6.txt", "a note"u8.ToArray());
        using var slide = Slide.Open(path);
        Assert.Equal([new(150, 100), new PixelSize(75, 50)], slide.Levels.Select(l => l.Size));
        Assert.Equal(2, slide.Levels[1].Downsample);
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel, 9);
        TestPicture.AssertSame(small, TestPicture.ReadLevel(slide, 1));
    }

    [Fact]
    public void OtherDicomIsRefused()
    {
        var picture = TestPicture.Make(64, 64);
        Refused("no whole slide", TestDicom.Make(picture, TestDicom.Uncompressed, sopClass: "1.2.840.10008.5.1.4.1.1.2"));
        Refused("VOLUME", TestDicom.Make(picture, TestDicom.Uncompressed, type: "DERIVED\\PRIMARY\\LABEL\\NONE"));
        Refused("transfer syntax RLE (1.2.840.10008.1.2.5)", TestDicom.Make(picture, "1.2.840.10008.1.2.5"));
        var whole = TestDicom.Make(picture, TestDicom.Uncompressed);
        Refused("cut short", whole[..(whole.Length - 100)]);
    }

    [Fact]
    public void DamageIsReportedOrSurvived()
    {
        var random = new Random(3);
        var whole = TestDicom.Make(TestPicture.Make(70, 50), TestDicom.Jpeg, tile: 32, sparse: true, undefinedLengths: true);
        for (var n = 0; n < 300; n++)
        {
            var damaged = (byte[])whole.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[132 + random.Next(n % 2 == 0 ? 1000 : damaged.Length - 132)] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                using var slide = Slide.Open(_folder.Write("a.dcm", damaged));
                TestPicture.Read(slide, new PixelRect(0, 0, 70, 50));
            }
            catch (SlideException)
            {
                // A reason was given: that is what is asked for.
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    private void Refused(string reason, byte[] bytes)
    {
        var error = Assert.Throws<SlideException>(() => Slide.Open(_folder.Write("refused.dcm", bytes)));
        Assert.Contains(reason, error.Message);
        Assert.Contains("refused.dcm", error.Message);
    }
}
