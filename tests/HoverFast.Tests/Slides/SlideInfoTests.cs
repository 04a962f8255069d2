using System.Text.Json;
using HoverFast.Slides;
using HoverFast.Slides.Dicom;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class SlideInfoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void TellsWhatAnAperioSlideStates()
    {
        var info = SlideInfo.Of(Aperio());
        Assert.Equal("Aperio SVS", info.Format);
        Assert.Equal([new PixelSize(300, 200), new PixelSize(150, 100)], info.Levels.Select(l => l.Size));
        Assert.Equal(0.18, info.Calibration!.Mpp.MicronsPerPixel);
        Assert.Equal(40, info.Details.Magnification);
        Assert.Equal("Aperio Image Library v12, ScanScope SS1234", info.Details.Scanner);
        Assert.Equal([new AssociatedPicture("label", new PixelSize(60, 50)), new AssociatedPicture("macro", new PixelSize(90, 40))], info.Details.Associated);
        Assert.Empty(info.Problems);
        Assert.Equal(new SlideReading(1, 1, 1, new Mpp(0.36), new PixelSize(150, 100)), info.ReadingFor(new Mpp(0.36)));
    }

    [Fact]
    public void TellsWhatADicomSlideStates()
    {
        var instance = TestDicomInstance.Of(TestPicture.Make(61, 47), 32);
        instance.Elements.Set(DicomTag.Manufacturer, "Leica Biosystems");
        instance.Elements.Set(DicomTag.ModelName, "GT450");
        var path = new DicomDataSet();
        path.Set(DicomTag.OpticalPathIdentifier, "1");
        path.Set(DicomTag.ObjectiveLensPower, "40");
        path.Set(DicomTag.IccProfile, new byte[] { 1, 2, 3, 4 });
        instance.Elements.Set(DicomTag.OpticalPathSequence, path);
        var info = SlideInfo.Of(_folder.Write("a.dcm", instance.ToBytes()));
        Assert.Equal("Leica Biosystems GT450", info.Details.Scanner);
        Assert.Equal(40, info.Details.Magnification);
        Assert.Equal([1, 2, 3, 4], info.Details.ColourProfile!.Value.ToArray());
    }

    [Theory]
    [InlineData((1 << 16) + 2)]
    [InlineData(560_000)]
    public void LongColourProfilesOfDicomAreFound(int length)
    {
        var instance = TestDicomInstance.Of(TestPicture.Make(61, 47), 32);
        var profile = new byte[length];
        new Random(1).NextBytes(profile);
        var path = new DicomDataSet();
        path.Set(DicomTag.OpticalPathIdentifier, "1");
        path.Set(DicomTag.IccProfile, profile);
        path.Set(DicomTag.ObjectiveLensPower, "40");
        instance.Elements.Set(DicomTag.OpticalPathSequence, path);
        var details = SlideInfo.Of(_folder.Write("a.dcm", instance.ToBytes())).Details;
        Assert.Equal(profile, details.ColourProfile!.Value.ToArray());
        Assert.Equal(40, details.Magnification);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("-Infinity")]
    [InlineData("1e999")]
    [InlineData("forty")]
    public void AnObjectiveThatIsNoNumberIsLeftOut(string power)
    {
        var instance = TestDicomInstance.Of(TestPicture.Make(61, 47), 32);
        var path = new DicomDataSet();
        path.Set(DicomTag.OpticalPathIdentifier, "1");
        path.Set(DicomTag.ObjectiveLensPower, power);
        instance.Elements.Set(DicomTag.OpticalPathSequence, path);
        Assert.Null(SlideInfo.Of(_folder.Write("a.dcm", instance.ToBytes())).Details.Magnification);
    }

    [Fact]
    public void TellsProblemsAndNotes()
    {
        var tiff = new TestTiff { UsedBits = 12 };
        var page = tiff.Add(TestPicture.Make(128, 128), 8, bits: 16);
        page.Parts[3] = page.Parts[3][..9];
        var info = SlideInfo.Of(_folder.Write("a.tif", tiff.ToBytes()));
        Assert.Contains(info.Problems, p => p.Contains("states no pixel size", StringComparison.Ordinal));
        Assert.Contains(info.Problems, p => p.Contains("column 1, row 1", StringComparison.Ordinal));
        Assert.Contains(info.Details.Notes, n => n.Contains("12 bits", StringComparison.Ordinal));
        Assert.Null(info.ReadingFor(new Mpp(0.36)));
    }

    [Fact]
    public async Task TheCommandPrintsTextOrJson()
    {
        var path = Aperio();
        var text = await ChildProcess.HoverFastAsync("info", path);
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("0.1800 um/px (Aperio MPP)", text.Output, StringComparison.Ordinal);
        Assert.Contains("level 1", text.Output, StringComparison.Ordinal);
        var missing = _folder.File("none.svs");
        var json = await ChildProcess.HoverFastAsync("info", path, missing, "--json");
        Assert.Equal(1, json.ExitCode);
        using var document = JsonDocument.Parse(json.Output);
        Assert.Equal(0.18, document.RootElement[0].GetProperty("mpp").GetDouble());
        Assert.Equal(150, document.RootElement[0].GetProperty("levels")[1].GetProperty("width").GetInt32());
        Assert.Equal(1, document.RootElement[0].GetProperty("reading")[0].GetProperty("level").GetInt32());
        Assert.Contains("no such file", document.RootElement[1].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Aperio()
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(300, 200)).Tags[270] = "Aperio Image Library v12\r\n300x200|AppMag = 40|MPP = 0.1800|ScanScope ID = SS1234";
        tiff.Add(TestPicture.Make(150, 100));
        tiff.Add(TestPicture.Make(60, 50), tiled: false).Tags[270] = "Aperio Image Library v12\r\nlabel 60x50";
        tiff.Add(TestPicture.Make(90, 40), tiled: false).Tags[270] = "Aperio Image Library v12\r\nmacro 90x40";
        return _folder.Write("a.svs", tiff.ToBytes());
    }
}
