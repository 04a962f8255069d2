using HoverFast.Server.Hosting;
using HoverFast.Server.Slides;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Slides;

/// <summary>Which slide a result is of: files in patients' folders may all have one name.</summary>
public sealed class SlideCatalogueTests(SegmentedSlides data) : IDisposable
{
    private const string Name = SegmentedSlides.Done + ".svs";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ASlideIsNotTakenForAnotherOfItsFilesName(bool areOfOneLength)
    {
        var other = Copy(SegmentedSlides.New, "anna");
        var own = Copy(SegmentedSlides.Done, "bert");
        if (areOfOneLength)
        {
            using var first = File.OpenWrite(other);
            first.SetLength(Math.Max(first.Length, new FileInfo(own).Length));
            using var second = File.OpenWrite(own);
            second.SetLength(first.Length);
        }

        // What was segmented elsewhere: its place tells nothing.
        var manifest = data.Manifest with { Slide = data.Manifest.Slide with { Bytes = new FileInfo(own).Length, PathHash = "" } };
        manifest = manifest with { Slide = manifest.Slide with { Fingerprint = HoverFast.Pipeline.SlideFingerprint.Of(own) } };
        Directory.CreateDirectory(_folder.File("results"));
        manifest.Write(_folder.File("results/done.manifest.json"));
        Assert.Equal(
            [(SegmentedSlides.Done, own, true), ($"anna_{Name}", other, false)],
            Catalogue("slides").All.OrderByDescending(e => e.Manifest is not null).Select(e => (e.Name, e.Path, e.Manifest is not null)));

        // The other one alone has that name too: it is there, and is not the result's. (Files of one name and one length are looked into where there are two.)
        if (!areOfOneLength)
        {
            File.Delete(own);
            Assert.Equal(
                [(SegmentedSlides.Done, null, true), (Name, other, false)],
                Catalogue("slides").All.Select(e => (e.Name, e.Path, e.Manifest is not null)));
        }
    }

    /// <summary>A file server that is away for a while takes nothing else along.</summary>
    [Fact]
    public void AFolderThatIsAwayTakesNothingElseAlong()
    {
        data.CopyResults(_folder);
        var (there, away) = (Copy(SegmentedSlides.Done, "there"), Copy(SegmentedSlides.New, "away", "b.svs"));
        var catalogue = Catalogue("slides/there", "slides/away");
        Assert.Equal([there, away], catalogue.All.Select(e => e.Path).Order(StringComparer.Ordinal).Reverse());
        Directory.Move(_folder.File("slides/away"), _folder.File("gone"));
        catalogue.Forget();
        Assert.Equal([(SegmentedSlides.Done, there)], catalogue.All.Select(e => (e.Name, e.Path!)));
        Directory.Move(_folder.File("gone"), _folder.File("slides/away"));
        catalogue.Forget();
        Assert.Equal(2, catalogue.All.Count);
    }

    /// <summary>A result that is made anew is without its manifest for a moment, which may be between finding and reading it.</summary>
    [Fact]
    public async Task AManifestThatGoesWhileItIsListedTakesNothingElseAlong()
    {
        var results = data.CopyResults(_folder);
        Directory.CreateDirectory(_folder.File("slides"));
        var (manifest, away) = (Path.Combine(results, SegmentedSlides.Done + ".manifest.json"), _folder.File("away"));
        for (var i = 0; i < 50; i++)
        {
            File.Copy(manifest, Path.Combine(results, $"other-{i}.manifest.json"));
        }

        var catalogue = Catalogue("slides");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1.5));
        var making = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    File.Move(manifest, away);
                    File.Move(away, manifest);
                }
            },
            TestContext.Current.CancellationToken);
        while (!stop.IsCancellationRequested)
        {
            catalogue.Forget();
            Assert.InRange(catalogue.All.Count, 50, 51);
        }

        await making;
    }

    [Fact]
    public void AClockThatIsSetBackHidesNoNewSlide()
    {
        Copy(SegmentedSlides.Done, "there");
        var clock = new TurnedClock();
        var catalogue = Catalogue(clock, "slides");
        Assert.Single(catalogue.All);
        Copy(SegmentedSlides.New, "there", "new.svs");
        clock.Now -= TimeSpan.FromHours(1);
        clock.Ticks += TimeSpan.FromSeconds(10).Ticks;
        Assert.Equal(2, catalogue.All.Count);
    }

    private string Copy(string slide, string folder, string name = Name)
    {
        var path = Path.Combine(Directory.CreateDirectory(_folder.File(Path.Combine("slides", folder))).FullName, name);
        File.Copy(Path.Combine(data.Slides, slide + ".svs"), path);
        return path;
    }

    private SlideCatalogue Catalogue(params string[] folders) => Catalogue(TimeProvider.System, folders);

    private SlideCatalogue Catalogue(TimeProvider time, params string[] folders)
    {
        string[] full = [.. folders.Select(_folder.File)];
        return new SlideCatalogue(new ServerOptions { Results = _folder.File("results"), SlideFolders = full }, new SlideFolders(full), time);
    }

    /// <summary>A clock that can be set back, while time passes.</summary>
    private sealed class TurnedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddYears(60);

        public long Ticks { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Ticks;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
