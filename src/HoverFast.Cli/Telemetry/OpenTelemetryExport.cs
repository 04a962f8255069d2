using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace HoverFast.Cli.Telemetry;

/// <summary>
/// Sends spans and figures to a collector, by OTLP. Address, protocol, headers and times are those of OpenTelemetry's variables. A
/// collector that is away costs no slide, and a few seconds at the end at the most.
/// </summary>
internal sealed class OpenTelemetryExport : IDisposable
{
    /// <summary>How long the last spans and figures may take. The exporter's own limit, ten seconds each, is for its background threads.</summary>
    private static readonly TimeSpan _timeToFlush = TimeSpan.FromSeconds(3);

    private readonly CollectorProblems _problems = new();
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;
    private readonly bool _isQuiet;

    /// <summary>Starts to listen to the instruments.</summary>
    /// <param name="request">What is sent.</param>
    /// <param name="service">The program's name, where <c>OTEL_SERVICE_NAME</c> gives none.</param>
    /// <param name="sources">Names of the instruments.</param>
    /// <param name="isQuiet">Whether people are told nothing on standard error.</param>
    public OpenTelemetryExport(OtlpRequest request, string service, string[] sources, bool isQuiet)
    {
        _isQuiet = isQuiet;
        var resource = ResourceBuilder.CreateEmpty()
            .AddService(service, serviceVersion: typeof(SlideSegmenter).Assembly.GetName().Version?.ToString(3))
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        _traces = request.Traces
            ? Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(sources).AddOtlpExporter(o => SetOwn(o, "TRACES")).Build()
            : null;
        _metrics = request.Metrics
            ? Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(sources).AddOtlpExporter(o => SetOwn(o, "METRICS")).Build()
            : null;
    }

    /// <summary>Sends what is left, and waits for it a few seconds.</summary>
    public void Dispose()
    {
        var limit = (int)_timeToFlush.TotalMilliseconds;
        Task<bool>[] flushes = [Task.Run(() => _traces?.Shutdown(limit) ?? true), Task.Run(() => _metrics?.Shutdown(limit) ?? true)];
        var isSent = Task.WaitAll(flushes, _timeToFlush) && flushes.All(f => f.Result);
        if (isSent)
        {
            _traces?.Dispose();
            _metrics?.Dispose();
        }

        if ((!isSent || _problems.Any) && !_isQuiet)
        {
            Console.Error.WriteLine("note: OpenTelemetry's collector did not take all spans and figures; results are whole all the same.");
        }

        _problems.Dispose();
    }

    // The packages read the variables of all signals at once, and those of one only where traces, metrics and logs are all sent.
    private static void SetOwn(OtlpExporterOptions options, string signal)
    {
        if (Own("ENDPOINT") is { } address)
        {
            options.Endpoint = new Uri(address);
        }

        options.Headers = Own("HEADERS") ?? options.Headers;
        if (int.TryParse(Own("TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            options.TimeoutMilliseconds = milliseconds;
        }

        options.Protocol = Own("PROTOCOL") switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            _ => options.Protocol,
        };

        string? Own(string name) => Environment.GetEnvironmentVariable($"OTEL_EXPORTER_OTLP_{signal}_{name}")?.Trim() is { Length: > 0 } value ? value : null;
    }
}
