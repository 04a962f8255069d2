using HoverFast.Server.Slides;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Hosting;

/// <summary>What a monitoring system asks: whether the server answers, and how long its answers take.</summary>
public sealed class MetricsTests(SegmentedSlides data) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AnswersAreCountedByPatternAndStatus()
    {
        using var server = await RunningServer.StartAsync(data.CopyResults(_folder), data.Slides);
        Assert.Equal("ok", await server.Client.GetStringAsync("/health", TestContext.Current.CancellationToken));
        var id = SlideCatalogue.IdOf(SegmentedSlides.Done);
        foreach (var slide in (string[])[id, "0000000000000000", id])
        {
            using var answer = await server.Client.GetAsync($"/api/slides/{slide}", TestContext.Current.CancellationToken);
        }

        // An answer is counted once it is sent.
        await Task.Delay(500, TestContext.Current.CancellationToken);
        var text = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        var lines = text.Split('\n');
        foreach (var (status, count) in ((int, int)[])[(200, 2), (404, 1)])
        {
            var labels = $"http_route=\"/api/slides/{{id}}\",http_response_status_code=\"{status}\"";
            Assert.Contains($"http_server_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {count}", lines);
            Assert.Contains($"http_server_request_duration_seconds_count{{{labels}}} {count}", lines);
        }

        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(id, text, StringComparison.Ordinal);
    }
}
