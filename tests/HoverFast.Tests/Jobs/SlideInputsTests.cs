using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class SlideInputsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SlideInputsTests()
    {
        foreach (var name in (string[])["b.svs", "a.png", "a.tif", "notes.txt", "deep/c.SVS", "deep/deeper/d.svs"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            File.WriteAllText(_folder.File(name), "");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TakesTheSlidesOfAFolderAndTellsThemApart() =>
        Assert.Equal(["a.png", "a.tif", "b"], SlideInputs.Expand([_folder.Path]).Select(f => f.Name));

    [Fact]
    public void ItsOwnResultsAreNoInputs()
    {
        string[] results = ["b.labels.tif", "b.overview.png", "b.ann.dcm"];
        foreach (var name in results)
        {
            File.WriteAllText(_folder.File(name), "");
        }

        // Without a manifest they are somebody else's.
        Assert.Equal(4, SlideInputs.Expand([_folder.Path]).Count(f => Path.GetFileName(f.Path).StartsWith('b')));
        File.WriteAllText(_folder.File("b.manifest.json"), "{}");
        Assert.Equal(["b"], SlideInputs.Expand([_folder.Path]).Where(f => Path.GetFileName(f.Path).StartsWith('b')).Select(f => f.Name));
    }

    [Fact]
    public void TakesPatterns()
    {
        Assert.Equal(["b"], SlideInputs.Expand([_folder.File("*.svs")]).Select(f => f.Name));
        Assert.Equal(["b", "d"], SlideInputs.Expand([_folder.File("**/*.svs")]).Select(f => f.Name));
        Assert.Equal(["c"], SlideInputs.Expand([_folder.File("de?p/*.SVS")]).Select(f => f.Name));
    }

    [Fact]
    public async Task PatternsLeaveOutFoldersThatMayNotBeReadAndTheirRootMustBe()
    {
        var scans = _folder.File("scans");
        DarkDiscs.Write(Path.Combine(Directory.CreateDirectory(Path.Combine(scans, "monday", "early")).FullName, "a.png"), 400);
        using var locked = new LockedFolder(Path.Combine(scans, "lost+found"));
        OtherUser.Free(_folder.Path);
        string[] options = ["-o", _folder.File("out"), "--model", DarknessModel.Write(_folder.Path), "--mpp", "0.25", "--write", "csv", "--no-tuning"];
        foreach (var pattern in (string[])["**/*.png", "*/*/*.png"])
        {
            var ended = await OtherUser.HoverFastAsync(_folder.Path, ["segment", Path.Combine(scans, pattern), .. options]);
            Assert.True(ended.ExitCode == ExitCode.Success, ended.Error + ended.Output);
        }

        var refused = await OtherUser.HoverFastAsync(_folder.Path, ["segment", Path.Combine(locked.Path, "*.png"), .. options]);
        Assert.Equal(ExitCode.CannotStart, refused.ExitCode);
        Assert.Contains("denied", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TakesAFileOnceAndKeepsAMissingOne()
    {
        var files = SlideInputs.Expand([_folder.File("b.svs"), _folder.Path + "/./b.svs", _folder.File("gone.svs")]);
        Assert.Equal(["b", "gone"], files.Select(f => f.Name));
    }

    [Fact]
    public void RefusesAPatternThatMatchesNothing() => Assert.Throws<SlideException>(() => SlideInputs.Expand([_folder.File("*.ndpi")]));

    [Fact]
    public void AFolderWithoutSlidesStopsNoOther()
    {
        Directory.CreateDirectory(_folder.File("notes"));
        Assert.Throws<SlideException>(() => SlideInputs.Expand([_folder.File("notes")]));
        Assert.Equal(["b", "notes"], SlideInputs.Expand([_folder.File("b.svs"), _folder.File("notes")]).Select(f => f.Name));

        // The data folder of an MRXS slide is a part of it.
        File.WriteAllText(_folder.File("notes.mrxs"), "");
        Assert.Equal(["b", "notes"], SlideInputs.Expand([_folder.File("b.svs"), _folder.File("notes.mrxs"), _folder.File("notes")]).Select(f => f.Name));
    }

    [Fact]
    public void FilesOfOneNameAreToldApartByTheirFoldersWhateverTheOrder()
    {
        foreach (var name in (string[])["x/A/s.png", "x/B/s.png", "y/B/s.png"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
            File.WriteAllText(_folder.File(name), "");
        }

        string[] paths = [_folder.File("x/A/s.png"), _folder.File("x/B/s.png"), _folder.File("y/B/s.png")];
        Assert.Equal(["A_s.png", "x_B_s.png", "y_B_s.png"], SlideInputs.Expand(paths).Select(f => f.Name));
        Assert.Equal(["y_B_s.png", "x_B_s.png", "A_s.png"], SlideInputs.Expand(paths.Reverse()).Select(f => f.Name));
    }

    [Fact]
    public void OfADicomUidEveryPartCounts() => Assert.Equal("1.2.3.4", SlideInputs.Of("uid/1.2.3.4").Name);
}
