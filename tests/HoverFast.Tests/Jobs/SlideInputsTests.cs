using HoverFast.Jobs;
using HoverFast.Slides;
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
    public void TakesPatterns()
    {
        Assert.Equal(["b"], SlideInputs.Expand([_folder.File("*.svs")]).Select(f => f.Name));
        Assert.Equal(["b", "d"], SlideInputs.Expand([_folder.File("**/*.svs")]).Select(f => f.Name));
        Assert.Equal(["c"], SlideInputs.Expand([_folder.File("de?p/*.SVS")]).Select(f => f.Name));
    }

    [Fact]
    public void TakesAFileOnceAndKeepsAMissingOne()
    {
        var files = SlideInputs.Expand([_folder.File("b.svs"), _folder.Path + "/./b.svs", _folder.File("gone.svs")]);
        Assert.Equal(["b", "gone"], files.Select(f => f.Name));
    }

    [Fact]
    public void RefusesAPatternThatMatchesNothing() => Assert.Throws<SlideException>(() => SlideInputs.Expand([_folder.File("*.ndpi")]));
}
