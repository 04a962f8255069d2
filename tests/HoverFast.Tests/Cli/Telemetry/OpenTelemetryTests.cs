using System.Net;
using System.Net.Sockets;
using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Tests.Cluster;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Cli.Telemetry;

/// <summary>Spans and figures reach a collector where OpenTelemetry's variables name one; else not even its packages are loaded.</summary>
public sealed class OpenTelemetryTests : IDisposable
{
    private readonly BatchOfSlides _batch = new(2);

    public void Dispose() => _batch.Dispose();

    [Fact]
    public async Task SpansAndFiguresReachTheCollectorWithoutFoldersAndFileNames()
    {
        BrokenSlide.Break(Path.Combine(_batch.Slides, "s01.svs"));
        using var collector = new Collector();
        var ended = await RunAsync(
            new()
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
                ["OTEL_SERVICE_NAME"] = "pathology",
                ["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            });
        Assert.Equal(ExitCode.SomeFailed, ended.ExitCode);
        Assert.DoesNotContain("OpenTelemetry", ended.Error, StringComparison.Ordinal);
        var manifest = Manifest.TryRead(Manifest.PathFor(_batch.File("out"), "s00"))!;

        Assert.Equal("pathology", collector.Resource["service.name"]);
        var spans = collector.Spans.ToDictionary(s => (string)s.Attributes(9)["hoverfast.slide"], StringComparer.Ordinal);
        Assert.Equal(["s00", "s01"], spans.Keys.Order(StringComparer.Ordinal));
        Assert.All(spans.Values, s => Assert.Equal(
            ("segment slide", "0AF7651916CD43DD8448EB211C80319C", "B7AD6B7169203331"),
            (s.Text(5), Convert.ToHexString(s.Bytes(1)), Convert.ToHexString(s.Bytes(4)))));
        var (done, failed) = (spans["s00"].Attributes(9), spans["s01"].Attributes(9));
        Assert.Equal(
            ("done", manifest.Model.Name, manifest.Slide.Format, manifest.Counts.Nuclei),
            (done["hoverfast.outcome"], done["hoverfast.model"], done["hoverfast.format"], (long)done["hoverfast.nuclei"]));
        Assert.True(manifest.Counts.Nuclei > 0);
        Assert.Equal(manifest.Counts.TissueArea, (double)done["hoverfast.tissue.mm2"], 1e-9);
        Assert.All(
            (string[])["read", "infer", "find", "measure", "write"],
            s => Assert.Equal(manifest.Effort.StageSeconds[char.ToUpperInvariant(s[0]) + s[1..]], (double)done[$"hoverfast.stage.{s}.seconds"], 1e-3));
        Assert.Equal((double)done["hoverfast.seconds"], (spans["s00"].Number(8) - spans["s00"].Number(7)) * 1e-9, 1e-3);
        Assert.Equal(("failed", "SlideException"), (failed["hoverfast.outcome"], failed["error.type"]));
        Assert.Equal((0UL, 2UL), (spans["s00"].All(15).SingleOrDefault()?.Number(3) ?? 0, spans["s01"].All(15).Single().Number(3)));

        var metrics = collector.Metrics;
        var slides = metrics["hoverfast.slides"].All(7).Single().All(1)
            .ToDictionary(p => (string)p.Attributes(7)["hoverfast.outcome"], p => p.Number(6), StringComparer.Ordinal);
        Assert.Equal((1UL, 1UL), (slides["done"], slides["failed"]));
        Assert.Equal((ulong)manifest.Counts.Nuclei, metrics["hoverfast.nuclei"].All(7).Single().All(1).Single().Number(6));
        Assert.Equal(manifest.Counts.TissueArea, metrics["hoverfast.tissue"].All(7).Single().All(1).Single().Real(4)!.Value, 1e-9);
        Assert.Equal(5, metrics["hoverfast.stage.time"].All(7).Single().All(1).Count());
        Assert.Equal(2UL, metrics["hoverfast.slide.duration"].All(9).Single().All(1).Aggregate(0UL, (sum, p) => sum + p.Number(4)));

        var bodies = collector.Posts.Select(p => System.Text.Encoding.Latin1.GetString(p.Body)).ToList();
        Assert.All(
            (string[])[Path.GetDirectoryName(_batch.Slides)!, ".svs", Environment.MachineName, Environment.UserName],
            secret => Assert.All(bodies, b => Assert.DoesNotContain(secret, b, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("TRACES", "/v1/traces")]
    [InlineData("METRICS", "/v1/metrics")]
    public async Task OneSignalAloneCanBeAskedFor(string signal, string path)
    {
        using var collector = new Collector();
        var ended = await RunAsync(new()
        {
            [$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] = collector.Address + path,
            [$"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
        });
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error);
        Assert.DoesNotContain("OpenTelemetry", ended.Error, StringComparison.Ordinal);
        Assert.Equal([path], collector.Posts.Select(p => p.Path).Distinct(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ACollectorThatIsAwayCostsNothing(bool takesConnections)
    {
        // One takes connections and never answers: without a limit of its own, the program would wait the ten minutes that the exporter may.
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var port = ((IPEndPoint)mute.LocalEndpoint).Port;
        if (!takesConnections)
        {
            mute.Stop();
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        var ended = await RunAsync(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}", ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "600000" })
            .WaitAsync(limit.Token);
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error);
        Assert.Contains("note: OpenTelemetry's collector did not take", ended.Error, StringComparison.Ordinal);
        Assert.True(Manifest.TryRead(Manifest.PathFor(_batch.File("out"), "s01"))!.Counts.Nuclei > 0);
    }

    [Theory]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    [InlineData(false, "OTEL_SDK_DISABLED", "true", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")]
    public async Task ItsPackagesAreLoadedOnlyWhereTheyAreAskedFor(bool isAsked, params string[] variables)
    {
        var environment = variables.Chunk(2).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        environment[StartupHook.Variable] = _batch.File("assemblies");
        var ended = await RunAsync(environment);
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error);
        var loaded = await File.ReadAllLinesAsync(_batch.File("assemblies"), TestContext.Current.CancellationToken);
        Assert.Contains("HoverFast.Cluster", loaded);
        Assert.Equal(isAsked, loaded.Any(a => a.StartsWith("OpenTelemetry", StringComparison.Ordinal)));
        Assert.Equal(isAsked, loaded.Contains("System.Net.Http", StringComparer.Ordinal));
    }

    private Task<ChildProcess.Ended> RunAsync(Dictionary<string, string> environment)
    {
        environment.TryAdd("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        return ChildProcess.HoverFastAsync(
            environment, "segment", _batch.Slides, "-o", _batch.File("out"), "--model", _batch.Model, "--threads", "1", "--write", "geojson");
    }
}
