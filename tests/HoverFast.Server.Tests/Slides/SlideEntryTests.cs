using HoverFast.Server.Slides;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Slides;

public sealed class SlideEntryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Else pictures of the slide that a link led to before would be kept.</summary>
    [Fact]
    public void ALinksStampChangesWithItsFile()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links of files need rights on Windows.");
        var file = _folder.Write("store.svs", [1, 2, 3]);
        File.CreateSymbolicLink(_folder.File("a.svs"), file);
        var entry = new SlideEntry("id", "a", _folder.File("a.svs"), null);
        var before = entry.Stamp;
        Assert.Equal(before, (entry with { Path = file }).Stamp);
        File.AppendAllText(file, "more");
        Assert.NotEqual(before, entry.Stamp);
        Assert.Equal("0", (entry with { Path = _folder.File("gone.svs") }).Stamp);
        Assert.Equal("0", (entry with { Path = null }).Stamp);
    }
}
