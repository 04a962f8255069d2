using System.CommandLine;
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

    /// <summary>Starts the watchers that were asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="more">Watchers beside them.</param>
    /// <exception cref="IOException">A file can't be written.</exception>
    public BatchWatchers Open(ParseResult parsed, params IEnumerable<IBatchWatcher> more)
    {
        var isJson = parsed.GetValue(_log) == "json";
        return new BatchWatchers(
            [
                .. more,
                .. isJson ? (IBatchWatcher[])[SlideEventLog.To(Console.Error)] : [],
                .. parsed.GetValue(_metrics) is { } file ? (IBatchWatcher[])[new PrometheusFile(file.FullName)] : []],
            isQuiet: isJson);
    }
}
