using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace HoverFast.Server.Hosting;

/// <summary>
/// The server's figures: a meter and a source of spans that OpenTelemetry listens to where it is asked for, and the figures as text in OpenMetrics' format
/// (Prometheus scrapes it). Paths are told by their pattern, so that no name of a slide is among them.
/// </summary>
internal sealed class ServerMetrics : IDisposable
{
    /// <summary>Name of the meter, and of the source of spans.</summary>
    public const string MeterName = "HoverFast.Server";

    private static readonly ActivitySource _source = new(MeterName);
    private static readonly double[] _bounds = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _seconds;
    private readonly ConcurrentDictionary<(string Route, int Status), Sums> _sums = new();

    /// <summary>Makes the instruments.</summary>
    public ServerMetrics() => _seconds = _meter.CreateHistogram<double>("http.server.request.duration", "s", "Time of requests.");

    /// <summary>Measures a request.</summary>
    public async Task MeasureAsync(HttpContext context, RequestDelegate next)
    {
        // The caller's span is the parent, not the one that ASP.NET Core makes in between and nobody takes.
        Activity.Current = null;
        _ = ActivityContext.TryParse(context.Request.Headers.TraceParent, context.Request.Headers.TraceState, isRemote: true, out var caller);
        using var span = _source.StartActivity(context.Request.Method, ActivityKind.Server, caller);
        var start = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var route = RouteOf(context);
            var status = context.Response.StatusCode;
            var method = context.Request.Method;
            if (span is not null)
            {
                span.DisplayName = $"{method} {route}";
                span.SetTag("http.request.method", method).SetTag("http.route", route).SetTag("http.response.status_code", status);
                span.SetStatus(status >= StatusCodes.Status500InternalServerError ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
            }

            _seconds.Record(
                seconds,
                new KeyValuePair<string, object?>("http.request.method", method),
                new KeyValuePair<string, object?>("http.route", route),
                new KeyValuePair<string, object?>("http.response.status_code", status));
            _sums.GetOrAdd((route, status), _ => new Sums()).Add(seconds);
        }
    }

    /// <summary>All figures as text.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        using var process = Process.GetCurrentProcess();
        Line("# TYPE process_resident_memory_bytes gauge", $"process_resident_memory_bytes {process.WorkingSet64}");
        Line(
            "# TYPE process_cpu_seconds counter",
            string.Create(CultureInfo.InvariantCulture, $"process_cpu_seconds_total {process.TotalProcessorTime.TotalSeconds:0.###}"));
        Line("# TYPE http_server_request_duration_seconds histogram");
        foreach (var ((route, status), sums) in _sums.OrderBy(s => s.Key.Route, StringComparer.Ordinal).ThenBy(s => s.Key.Status))
        {
            var labels = $"http_route=\"{route}\",http_response_status_code=\"{status}\"";
            var (counts, total) = sums.Read();
            var below = 0L;
            for (var i = 0; i < _bounds.Length; i++)
            {
                below += counts[i];
                Line(string.Create(CultureInfo.InvariantCulture, $"http_server_request_duration_seconds_bucket{{{labels},le=\"{_bounds[i]}\"}} {below}"));
            }

            Line($"http_server_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {below + counts[^1]}");
            Line(string.Create(CultureInfo.InvariantCulture, $"http_server_request_duration_seconds_sum{{{labels}}} {total:0.######}"));
            Line($"http_server_request_duration_seconds_count{{{labels}}} {below + counts[^1]}");
        }

        Line("# EOF");
        return text.ToString();

        void Line(params ReadOnlySpan<string> lines)
        {
            foreach (var line in lines)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    // As people write it: what is mapped at the root of a group, "/api/slides/{id}" and "/", has a slash at its end.
    private static string RouteOf(HttpContext context) =>
        context.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } text } ? "none" : text.TrimEnd('/') is { Length: > 0 } route ? route : "/";

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private sealed class Sums
    {
        private readonly long[] _counts = new long[_bounds.Length + 1];
        private readonly Lock _lock = new();
        private double _total;

        public void Add(double seconds)
        {
            var bin = Array.FindIndex(_bounds, b => seconds <= b);
            lock (_lock)
            {
                _counts[bin < 0 ? _bounds.Length : bin]++;
                _total += seconds;
            }
        }

        public (long[] Counts, double Total) Read()
        {
            lock (_lock)
            {
                return ([.. _counts], _total);
            }
        }
    }
}
