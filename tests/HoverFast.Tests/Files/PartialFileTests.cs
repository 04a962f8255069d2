using HoverFast.Files;
using Xunit;

namespace HoverFast.Tests.Files;

public sealed class PartialFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnInterruptedFileLeavesWhatWasThere()
    {
        var path = _folder.Write("a.json", [1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => PartialFile.Write(path, file =>
        {
            file.WriteByte(9);
            throw new InvalidOperationException();
        }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.EnumerateFiles(_folder.Path));
    }

    /// <summary>A run whose lock was taken over must not spoil the file of the run that goes on.</summary>
    [Fact]
    public void WhoComesLateDeletesNothingOfAnother()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere no second file of the name can be made");
        var path = _folder.File("a.json");
        using var winner = Replaced(path);
        winner.Stream.WriteByte(7);
        winner.Complete();
        Assert.Equal([7], File.ReadAllBytes(path));
        Assert.Single(Directory.EnumerateFiles(_folder.Path));

        static PartialFile Replaced(string path)
        {
            using var late = new PartialFile(path);
            late.Stream.WriteByte(9);
            return new PartialFile(path);
        }
    }

    [Fact]
    public void ATextReplacesALongerOne()
    {
        var path = _folder.Write("a.json", new byte[100]);
        PartialFile.WriteText(path, "µm");
        Assert.Equal("µm", File.ReadAllText(path));
        Assert.Single(Directory.EnumerateFiles(_folder.Path));
    }

    [Fact]
    public async Task APipeTakesTheTextAndStays()
    {
        var pipe = Fifo.Make(_folder.File("pipe"));
        var reading = Task.Run(() => File.ReadAllText(pipe), TestContext.Current.CancellationToken);
        PartialFile.WriteText(pipe, "new");
        Assert.Equal("new", await reading);
        Assert.Equal(FileKind.Pipe, FileStatus.KindOf(pipe));
    }
}
