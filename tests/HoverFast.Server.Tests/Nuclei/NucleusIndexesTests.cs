using HoverFast.Server.Hosting;
using HoverFast.Server.Nuclei;
using HoverFast.Server.Slides;
using HoverFast.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace HoverFast.Server.Tests.Nuclei;

public sealed class NucleusIndexesTests(SegmentedSlides data) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A full disk or a file server that is away is tried again after a while, and not by every request.</summary>
    [Fact]
    public async Task AnIndexThatCouldNotBeWrittenIsTriedAgain()
    {
        data.CopyResults(_folder);
        var options = new ServerOptions { Results = _folder.File("results"), SlideFolders = [] };
        var time = new SetTime();
        using var indexes = new NucleusIndexes(options, NullLogger<NucleusIndexes>.Instance, time);
        var entry = new SlideEntry(new string('a', 16), SegmentedSlides.Done, null, data.Manifest);

        // A file lies where the folder of the indices is to be.
        Directory.CreateDirectory(options.OwnFolder);
        var place = Path.Combine(options.OwnFolder, "nuclei");
        File.WriteAllText(place, "");
        var failed = indexes.Find(entry).Building!;
        await failed.Work;
        Assert.NotNull(failed.Error);

        File.Delete(place);
        time.Now += TimeSpan.FromSeconds(29);
        Assert.Same(failed, indexes.Find(entry).Building);
        time.Now += TimeSpan.FromSeconds(2);
        await indexes.Find(entry).Building!.Work;
        Assert.Equal(data.Manifest.Counts.Nuclei, indexes.Find(entry).Index!.Summary.Count);
    }

    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
