using System.Net;
using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Server.Hosting;
using HoverFast.Server.Slides;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Jobs;

/// <summary>Segmentations that are started from the page come to the results of the command line, whatever happens to the server.</summary>
public sealed class JobEndpointsTests(SegmentedSlides data) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AnEstimateComesFirstAndTheResultIsTheCommandLines()
    {
        var results = data.CopyResults(_folder);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var choice = new { slides = new[] { SlideCatalogue.IdOf(SegmentedSlides.New) } };
        using var answer = await server.ChangeAsync(HttpMethod.Post, "/api/jobs/estimate", choice);
        var estimate = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(1, estimate.GetProperty("slides").GetInt32());
        Assert.True(
            estimate.GetProperty("seconds").GetDouble() > 0
                && estimate.GetProperty("nuclei").GetInt64() > 0
                && estimate.GetProperty("memory").GetInt64() > 0);
        Assert.False(File.Exists(Path.Combine(results, SegmentedSlides.New + ".manifest.json")));

        Assert.Equal(HttpStatusCode.Accepted, (await server.ChangeAsync(HttpMethod.Post, "/api/jobs", choice)).StatusCode);
        var job = await EndedAsync(server);
        Assert.Equal(("done", "local"), (job.GetProperty("state").GetString(), job.GetProperty("account").GetString()));

        using var segmenter = new SlideSegmenter(settings: new SegmentSettings { Measurements = MeasurementChoice.All });
        await segmenter.SegmentAsync(
            Path.Combine(data.Slides, SegmentedSlides.New + ".svs"),
            _folder.File("other"),
            cancellation: TestContext.Current.CancellationToken);
        var file = SegmentedSlides.New + ".geojson.gz";
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(_folder.File("other"), file), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Path.Combine(results, file), TestContext.Current.CancellationToken));
        Assert.Equal(
            job.GetProperty("nuclei").GetInt64(),
            (await server.NucleiAsync(SlideCatalogue.IdOf(SegmentedSlides.New))).GetProperty("count").GetInt64());
    }

    /// <summary>The server is killed in the middle of a slide, and started again: nobody need do anything for the slide to be finished.</summary>
    [Fact]
    public async Task AJobGoesOnAfterTheServerWasKilled()
    {
        var (slides, results) = (LargerSlide(), _folder.File("results"));
        var choice = new { slides = new[] { SlideCatalogue.IdOf("large") } };
        using (var server = await ServerProcess.StartAsync(ServerProcess.SameEnvironment, results, slides, "--threads", "1"))
        {
            await server.ChangeAsync(HttpMethod.Post, "/api/jobs", choice);
            while ((await JobsAsync(server))[0].GetProperty("tilesDone").GetInt32() < 2)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            server.Kill();
        }

        Assert.False(File.Exists(Path.Combine(results, "large.manifest.json")));
        using (var server = await RunningServer.StartAsync(results, slides, "--threads", "1"))
        {
            Assert.Equal("done", (await EndedAsync(server)).GetProperty("state").GetString());
        }

        Assert.True(Manifest.TryRead(Manifest.PathFor(results, "large"))!.Counts.TilesResumed >= 1);
    }

    [Fact]
    public async Task AJobIsWatchedAndCancelledAndGoesOnWhenItIsStartedAgain()
    {
        var (slides, results) = (LargerSlide(), _folder.File("results"));
        using var server = await RunningServer.StartAsync(results, slides, "--threads", "1");
        var choice = new { slides = new[] { SlideCatalogue.IdOf("large") } };
        await server.ChangeAsync(HttpMethod.Post, "/api/jobs", choice);
        await server.ChangeAsync(HttpMethod.Post, "/api/jobs", choice);
        Assert.Single(await JobsAsync(server));

        using var events = new StreamReader(await server.Client.GetStreamAsync("/api/jobs/events", TestContext.Current.CancellationToken));
        JsonElement seen;
        do
        {
            var line = await events.ReadLineAsync(TestContext.Current.CancellationToken);
            seen = line!.StartsWith("data: ", StringComparison.Ordinal) ? JsonDocument.Parse(line[6..]).RootElement[0] : default;
        } while (seen.ValueKind != JsonValueKind.Object || seen.GetProperty("tilesDone").GetInt32() < 1);
        Assert.True(seen.GetProperty("secondsLeft").GetDouble() >= 0);

        var id = seen.GetProperty("id").GetInt64();
        Assert.Equal(HttpStatusCode.Accepted, (await server.ChangeAsync(HttpMethod.Delete, $"/api/jobs/{id}")).StatusCode);
        Assert.Equal("cancelled", (await EndedAsync(server)).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await server.ChangeAsync(HttpMethod.Delete, $"/api/jobs/{id}")).StatusCode);

        await server.ChangeAsync(HttpMethod.Post, "/api/jobs", choice);
        Assert.Equal("done", (await EndedAsync(server)).GetProperty("state").GetString());
        Assert.True(Manifest.TryRead(Manifest.PathFor(results, "large"))!.Counts.TilesResumed >= 1);
        Assert.Equal(
            ["start segmenting", "cancel segmenting", "start segmenting"],
            (await server.GetAsync("/api/log")).EnumerateArray().Select(e => e.GetProperty("verb").GetString()));
    }

    /// <summary>A slide without pixel size fails with the reason, and the next one is done.</summary>
    [Fact]
    public async Task AFailedJobTellsWhyAndTheNextIsDone()
    {
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        SyntheticSlide.Write(Path.Combine(slides, "a.svs"), new SyntheticSlideOptions { Size = new PixelSize(1000, 1000), Mpp = null });
        SyntheticSlide.Write(Path.Combine(slides, "b.svs"), new SyntheticSlideOptions { Size = new PixelSize(1000, 1000) });
        using var server = await RunningServer.StartAsync(_folder.File("results"), slides);
        await server.ChangeAsync(HttpMethod.Post, "/api/jobs", new { slides = new[] { SlideCatalogue.IdOf("a"), SlideCatalogue.IdOf("b") } });
        await EndedAsync(server);
        var jobs = await JobsAsync(server);
        Assert.Equal(["done", "failed"], jobs.Select(j => j.GetProperty("state").GetString()));
        Assert.Contains("states no pixel size", jobs[1].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>As on a full disk: what has become of a job can't be written down. The server goes on, and so do the jobs once that is over.</summary>
    [Fact]
    public async Task ATableOfJobsThatCantBeWrittenDoesNotEndTheServer()
    {
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        SyntheticSlide.Write(Path.Combine(slides, "a.svs"), new SyntheticSlideOptions { Size = new PixelSize(1000, 1000), Mpp = null });
        var results = _folder.File("results");
        using var server = await RunningServer.StartAsync(results, slides);
        var table = new Database(Path.Combine(results, ".viewer", "server.db"), "");
        table.Execute("CREATE TRIGGER full BEFORE UPDATE ON job WHEN new.state = 'Failed' BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END");
        var choice = new { slides = new[] { SlideCatalogue.IdOf("a") } };
        await server.ChangeAsync(HttpMethod.Post, "/api/jobs", choice);
        while (!server.Log.Contains("disk is full", StringComparison.Ordinal))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal("running", (await JobsAsync(server))[0].GetProperty("state").GetString());
        table.Execute("DROP TRIGGER full");
        await server.ChangeAsync(HttpMethod.Post, "/api/jobs", choice);
        Assert.Equal("failed", (await EndedAsync(server)).GetProperty("state").GetString());
    }

    /// <summary>What it says and what it logs may lie on the same full disk as the table of jobs.</summary>
    [Fact]
    public async Task JobsGoOnThoughNothingCanBeLogged()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs Linux's /dev/full");
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        SyntheticSlide.Write(Path.Combine(slides, "a.svs"), new SyntheticSlideOptions { Size = new PixelSize(1000, 1000), Mpp = null });
        var results = _folder.File("results");
        using var server = await ServerProcess.StartWithFullOutputAsync(results, slides);
        var table = new Database(Path.Combine(results, ".viewer", "server.db"), "CREATE TABLE tried (job INTEGER);");
        table.Execute(
            """
            CREATE TRIGGER full BEFORE UPDATE ON job WHEN new.state = 'Failed'
            BEGIN INSERT INTO tried VALUES (new.id); SELECT RAISE(FAIL, 'database or disk is full'); END
            """);
        var choice = new { slides = new[] { SlideCatalogue.IdOf("a") } };
        await server.ChangeAsync(HttpMethod.Post, "/api/jobs", choice);
        while (table.Query("SELECT 1 FROM tried", r => r.GetInt64(0)).Count == 0)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        table.Execute("DROP TRIGGER full");
        await server.ChangeAsync(HttpMethod.Post, "/api/jobs", choice);
        var job = await EndedAsync(server).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal("failed", job.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("""{"slides":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"slides":["0000000000000000"]}""", HttpStatusCode.NotFound)]
    [InlineData("""{"slides":["/etc/passwd"]}""", HttpStatusCode.NotFound)]
    [InlineData("""{"slides":[null]}""", HttpStatusCode.NotFound)]
    public async Task OnlySlidesOfTheFoldersCanBeStarted(string body, HttpStatusCode status)
    {
        var server = await data.ServerAsync();
        Assert.Equal(status, (await server.ChangeAsync(HttpMethod.Post, "/api/jobs", JsonDocument.Parse(body).RootElement)).StatusCode);
    }

    private string LargerSlide()
    {
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        SyntheticSlide.Write(Path.Combine(slides, "large.svs"), new SyntheticSlideOptions { Size = new PixelSize(7_000, 6_000), TissueFraction = 0.4 });
        return slides;
    }

    private static async Task<IReadOnlyList<JsonElement>> JobsAsync(RunningServer server) => [.. (await server.GetAsync("/api/jobs")).EnumerateArray()];

    /// <summary>Waits until no job waits or is under way; the latest one.</summary>
    private static async Task<JsonElement> EndedAsync(RunningServer server)
    {
        while (true)
        {
            var jobs = await JobsAsync(server);
            if (jobs.All(j => j.GetProperty("state").GetString() is not ("waiting" or "running")))
            {
                return jobs[0];
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
