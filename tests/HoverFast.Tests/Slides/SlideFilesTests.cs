using HoverFast.Slides;
using HoverFast.Slides.Dicom;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>Slides that lie in several files are one slide each.</summary>
public sealed class SlideFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void LevelsOfASeriesAreOneSlideByItsLargest()
    {
        Write("1.2.5", TestPicture.Make(75, 50));
        Write("1.2.4", TestPicture.Make(150, 100));
        Write("9.9", TestPicture.Make(150, 100), "7.7");
        Write("label", TestPicture.Make(64, 64), "7.8", "LABEL");
        var damaged = _folder.Write("damaged.dcm", File.ReadAllBytes(_folder.File("1.2.4"))[..200]);
        var picture = _folder.Write("p.png", [1, 2, 3]);
        string[] all = [.. Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal)];
        Assert.Equal([_folder.File("1.2.4"), _folder.File("9.9"), damaged, picture], Slide.Among(all));
        Assert.Equal([_folder.File("1.2.4"), _folder.File("1.2.5")], Slide.FilesOf(_folder.File("1.2.5")));
        Assert.Equal([picture], Slide.FilesOf(picture));
        Assert.Equal(["missing.svs"], Slide.FilesOf("missing.svs"));
        Assert.Equal(["missing.svs"], Slide.Among(["missing.svs", "missing.svs"]));

        // Alone, a label stays: who names it is told why it can't be segmented.
        Assert.Equal([_folder.File("label")], Slide.Among([_folder.File("label")]));
        Assert.True(Slide.IsTaken(_folder.File("1.2.4")));
        Assert.True(Slide.IsTaken("any.SVS"));
        Assert.False(Slide.IsTaken(_folder.Write("1.2.6", new byte[200])));
    }

    [Fact]
    public void WithoutAStudyALabelBelongsToTheTissueBesideIt()
    {
        Directory.CreateDirectory(_folder.File("a"));
        Directory.CreateDirectory(_folder.File("b"));
        Write("a/tissue", TestPicture.Make(150, 100), study: "");
        Write("a/label", TestPicture.Make(64, 64), "7.8", "LABEL", study: "");
        Write("a/overview", TestPicture.Make(64, 64), "7.9", "OVERVIEW", study: "");
        Write("b/label", TestPicture.Make(64, 64), "8.8", "LABEL", study: "");
        Write("b/same-series", TestPicture.Make(64, 64), "1.2.3", "THUMBNAIL", study: "");
        string[] all = [_folder.File("a/label"), _folder.File("a/overview"), _folder.File("a/tissue"), _folder.File("b/label"), _folder.File("b/same-series")];

        // That of another folder stays: nobody knows whose it is, and it is refused with its reason.
        Assert.Equal([_folder.File("a/tissue"), _folder.File("b/label")], Slide.Among(all));
        Assert.Equal([_folder.File("a/label")], Slide.Among(all[..1]));
    }

    [Fact]
    public void ADicomDirStandsForItsSlides()
    {
        Directory.CreateDirectory(_folder.File("images"));
        Write("images/a", TestPicture.Make(150, 100));
        Write("images/b", TestPicture.Make(75, 50));
        var one = WriteDirectory("IMAGES/A", "IMAGES/B", "IMAGES/GONE", "../OUT");
        Assert.Equal([_folder.File("images/a")], Slide.Among([one]));
        using (var slide = Slide.Open(one))
        {
            Assert.Equal(2, slide.Levels.Count);
        }

        Write("images/c", TestPicture.Make(150, 100), "7.7");
        var two = WriteDirectory("IMAGES/A", "IMAGES/B", "IMAGES/C");
        Assert.Equal([_folder.File("images/a"), _folder.File("images/c")], Slide.Among([two]));
        Assert.Contains("lists 2 slides", Assert.Throws<SlideException>(() => Slide.Open(two)).Message);
        Assert.Contains("lists no whole slide", Assert.Throws<SlideException>(() => Slide.Open(WriteDirectory("IMAGES/GONE"))).Message);
    }

    [Fact]
    public void ADicomDirThatLeadsThroughAFileStopsNothing()
    {
        Write("a", TestPicture.Make(150, 100));
        var other = _folder.Write("b.png", [0]);
        var directory = WriteDirectory("a/B", "A");
        Assert.Equal([_folder.File("a"), other], Slide.Among([directory, other]));
        using var slide = Slide.Open(directory);
        Assert.Equal(new PixelSize(150, 100), slide.Levels[0].Size);
    }

    [Fact]
    public void DataFilesOfMiraxAndVmsBelongToThem()
    {
        var mirax = _folder.Write("m.mrxs", [0]);
        Directory.CreateDirectory(_folder.File("m"));
        _folder.Write("m/Slidedat.ini", [0]);
        _folder.Write("m/Data0000.dat", [0]);
        Assert.Equal([mirax, _folder.File("m/Data0000.dat"), _folder.File("m/Slidedat.ini")], Slide.FilesOf(mirax));

        _folder.Write("v.jpg", [0]);
        _folder.Write("v(1,0).jpg", [0]);
        _folder.Write("v.opt", [0]);
        var vms = _folder.Write(
            "v.vms",
            "[Virtual Microscope Specimen]\r\nNoLayers=1\r\nImageFile=v.jpg\r\nImageFile(1,0)=v(1,0).jpg\r\nMapFile=../secret\r\nOptimisationFile=v.opt\r\n"u8.ToArray());
        Assert.Equal([vms, _folder.File("v.jpg"), _folder.File("v(1,0).jpg"), _folder.File("v.opt")], Slide.FilesOf(vms));
        Assert.Equal([mirax, vms], Slide.Among([_folder.File("v(1,0).jpg"), _folder.File("m/Data0000.dat"), mirax, _folder.File("v.jpg"), vms]));
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, RgbImage picture, string series = "1.2.3", string kind = "VOLUME", string? study = null)
    {
        var instance = TestDicomInstance.Of(picture, series: series);
        if (study is not null)
        {
            instance.Elements.Set(DicomTag.StudyInstance, study);
        }

        instance.Elements.Set(DicomTag.ImageType, "ORIGINAL", "PRIMARY", kind, "NONE");
        _folder.Write(name, instance.ToBytes());
    }

    private string WriteDirectory(params string[] files)
    {
        var set = new DicomDataSet();
        set.Set(DicomTag.DirectoryRecords, [.. files.Select(f =>
        {
            var record = new DicomDataSet();
            record.Set(DicomTag.DirectoryRecordType, "IMAGE");
            record.Set(DicomTag.ReferencedFile, f.Split('/'));
            return record;
        })]);
        set.Set(DicomTag.SopClass, "1.2.840.10008.1.3.10");
        using var stream = File.Create(_folder.File("DICOMDIR"));
        DicomWriter.WriteFile(stream, set);
        return _folder.File("DICOMDIR");
    }
}
