using HoverFast.Cli;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Cli;

public sealed class InputFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public InputFilesTests()
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
        Assert.Equal(["a.png", "a.tif", "b"], InputFiles.Expand([_folder.Path]).Select(f => f.Name));

    [Fact]
    public void TakesPatterns()
    {
        Assert.Equal(["b"], InputFiles.Expand([_folder.File("*.svs")]).Select(f => f.Name));
        Assert.Equal(["b", "d"], InputFiles.Expand([_folder.File("**/*.svs")]).Select(f => f.Name));
        Assert.Equal(["c"], InputFiles.Expand([_folder.File("de?p/*.SVS")]).Select(f => f.Name));
    }

    [Fact]
    public void TakesAFileOnceAndKeepsAMissingOne()
    {
        var files = InputFiles.Expand([_folder.File("b.svs"), _folder.Path + "/./b.svs", _folder.File("gone.svs")]);
        Assert.Equal(["b", "gone"], files.Select(f => f.Name));
    }

    [Fact]
    public void RefusesAPatternThatMatchesNothing() => Assert.Throws<SlideException>(() => InputFiles.Expand([_folder.File("*.ndpi")]));
}
