using System.CommandLine;
using System.Runtime.CompilerServices;
using HoverFast.Cli.Telemetry;
using HoverFast.Cluster.Batches;

namespace HoverFast.Cli.Options;

/// <summary>The options that have a batch watched by machines.</summary>
internal sealed class LogOptions
{
    private readonly Option<string> _log = new("--log")
    {
        Description = "text for people, or json: one line of JSON on standard error for each event, with slide, seconds and stages.",
        DefaultValueFactory = _ => "text",
    };

    private readonly Option<FileInfo> _metrics = new("--metrics-file")
    {
        Description = "Keep figures in this file, in Prometheus's text format (NAME.prom), for the textfile collector of the node exporter.",
    };

    /// <summary>Makes the options.</summary>
    public LogOptions() => _log.AcceptOnlyFromAmong("text", "json");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_log);
        command.Add(_metrics);
    }

    /// <summary>Starts the watchers that were asked for, by options or by OpenTelemetry's environment variables.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="more">Watchers beside them.</param>
    /// <exception cref="IOException">A file can't be written.</exception>
    public BatchWatchers Open(ParseResult parsed, params IEnumerable<IBatchWatcher> more)
    {
        var isJson = parsed.GetValue(_log) == "json";
        var request = OtlpRequest.Read(Environment.GetEnvironmentVariable, out var problem);
        if (problem is not null && !isJson)
        {
            Console.Error.WriteLine("note: " + problem);
        }

        return new BatchWatchers(
            [
                .. more,
                .. isJson ? (IBatchWatcher[])[SlideEventLog.To(Console.Error)] : [],
                .. parsed.GetValue(_metrics) is { } file ? (IBatchWatcher[])[new PrometheusFile(file.FullName)] : [],
                .. request is not null ? (IBatchWatcher[])[new BatchInstruments(Environment.GetEnvironmentVariable("TRACEPARENT"))] : []],
            isQuiet: isJson,
            request is not null ? Export(request, isJson) : null);
    }

    // A method of its own: OpenTelemetry's assemblies are loaded when it is compiled, which is when it is called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OpenTelemetryExport Export(OtlpRequest request, bool isQuiet) =>
        new(request, "hoverfast", [BatchInstruments.Name], isQuiet);
}
