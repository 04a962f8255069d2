using System.Text;
using HoverFast.Jobs;
using HoverFast.Server.Slides;
using HoverFast.Tests;
using HoverFast.Tests.Cli.Telemetry;
using Xunit;

namespace HoverFast.Server.Tests.Hosting;

/// <summary>Spans of requests and jobs, and figures, reach a collector where OpenTelemetry's variables name one.</summary>
public sealed class OpenTelemetryTests(SegmentedSlides data) : IDisposable
{
    private const string Trace = "0AF7651916CD43DD8448EB211C80319C";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RequestsAndJobsReachTheCollectorWithoutNamesOfPeopleAndFolders()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "asks the server to end by a signal");
        var results = data.CopyResults(_folder);
        using var collector = new Collector();
        using (var server = await StartAsync(results, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/slides/{SlideCatalogue.IdOf(SegmentedSlides.Done)}/nuclei");
            request.Headers.Add("traceparent", $"00-{Trace.ToLowerInvariant()}-b7ad6b7169203331-01");
            await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            await server.Client.GetAsync("/api/slides/none/nuclei", TestContext.Current.CancellationToken);
            await server.ChangeAsync(HttpMethod.Post, "/api/jobs", new { slides = new[] { SlideCatalogue.IdOf(SegmentedSlides.New) } });
            while ((await server.GetAsync("/api/jobs"))[0].GetProperty("state").GetString() != "done")
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }

            server.Stop();
        }

        Assert.Equal("hoverfast-serve", collector.Resource["service.name"]);
        var nuclei = collector.Spans.Where(s => s.Text(5) == "GET /api/slides/{id}/nuclei").ToList();
        Assert.Equal([200L, 404L], nuclei.Select(s => (long)s.Attributes(9)["http.response.status_code"]));
        Assert.Equal((Trace, "B7AD6B7169203331"), (Convert.ToHexString(nuclei[0].Bytes(1)), Convert.ToHexString(nuclei[0].Bytes(4))));
        Assert.NotEqual(Trace, Convert.ToHexString(nuclei[1].Bytes(1)));
        var manifest = Manifest.TryRead(Manifest.PathFor(results, SegmentedSlides.New))!;
        var job = collector.Spans.Single(s => s.Text(5) == "segment slide").Attributes(9);
        Assert.Equal(
            (SegmentedSlides.New, "done", manifest.Counts.Nuclei),
            (job["hoverfast.slide"], job["hoverfast.outcome"], (long)job["hoverfast.nuclei"]));
        Assert.True(manifest.Counts.Nuclei > 0);

        var requests = collector.Metrics["http.server.request.duration"].All(9).Single().All(1)
            .Where(p => (string)p.Attributes(9)["http.route"] == "/api/slides/{id}/nuclei")
            .ToDictionary(p => (long)p.Attributes(9)["http.response.status_code"], p => p.Number(4));
        Assert.Equal((1UL, 1UL), (requests[200], requests[404]));
        Assert.Equal((ulong)manifest.Counts.Nuclei, collector.Metrics["hoverfast.nuclei"].All(7).Single().All(1).Single().Number(6));
        var bodies = collector.Posts.Select(p => Encoding.Latin1.GetString(p.Body)).ToList();
        Assert.All(
            (string[])
                [
                    data.Slides,
                    results,
                    ".svs",
                    Told(Environment.MachineName),
                    Told(Environment.UserName),
                    SlideCatalogue.IdOf(SegmentedSlides.Done),
                ],
            secret => Assert.All(bodies, b => Assert.DoesNotContain(secret, b, StringComparison.Ordinal)));

        // Two letters stand in random numbers too: a short name is looked for as a text of its own, with its length before it.
        static string Told(string name) => name.Length < 6 ? (char)name.Length + name : name;
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "no address")]
    public async Task NothingIsSentUnlessAnEndpointIsSet(string name, string value)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "asks the server to end by a signal");
        using var collector = new Collector();
        (string, string)[] variables = name == "OTEL_SDK_DISABLED" ? [(name, value), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address)] : [(name, value)];
        using (var server = await StartAsync(_folder.File("results"), variables))
        {
            await server.GetAsync("/api/slides");
            server.Stop();
        }

        Assert.Empty(collector.Posts);
    }

    private Task<ServerProcess> StartAsync(string results, params (string Name, string Value)[] variables) =>
        ServerProcess.StartAsync(variables.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal), results, data.Slides);
}
