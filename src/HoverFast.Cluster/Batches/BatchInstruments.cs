using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using HoverFast.Jobs;

namespace HoverFast.Cluster.Batches;

/// <summary>
/// Tells a batch to .NET's own instruments, for whoever listens to them, such as OpenTelemetry: a span for each slide, and counters. Names of
/// results, formats, models, counts and seconds are told; folders, file names and texts of errors, which may hold them, are not.
/// </summary>
public sealed class BatchInstruments : IBatchWatcher
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string Name = "HoverFast";

    private static readonly string? _version =
        typeof(SlideSegmenter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private static readonly ActivitySource _source = new(Name, _version);
    private static readonly Meter _meter = new(Name, _version);
    private static readonly Counter<long> _slides = _meter.CreateCounter<long>("hoverfast.slides", "{slide}", "Slides by what became of them.");
    private static readonly Counter<long> _nuclei = _meter.CreateCounter<long>("hoverfast.nuclei", "{nucleus}", "Nuclei found.");
    private static readonly Counter<double> _tissue = _meter.CreateCounter<double>("hoverfast.tissue", "mm2", "Tissue searched.");
    private static readonly Counter<double> _processor = _meter.CreateCounter<double>("hoverfast.processor.time", "s", "Processor seconds spent on slides.");
    private static readonly Counter<double> _stages = _meter.CreateCounter<double>("hoverfast.stage.time", "s", "Processor seconds by stage.");

    // A slide takes a second or an hour: the usual limits, made for answers of servers, end at ten seconds.
    private static readonly Histogram<double> _seconds = _meter.CreateHistogram(
        "hoverfast.slide.duration",
        "s",
        "Wall-clock seconds of a slide.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] });

    private readonly ActivityContext _parent;
    private DateTimeOffset _start;

    /// <summary>Prepares to tell a batch.</summary>
    /// <param name="traceParent">The span that slides are children of, as W3C's traceparent; else each slide has a trace of its own.</param>
    public BatchInstruments(string? traceParent = null) => _ = ActivityContext.TryParse(traceParent, null, isRemote: true, out _parent);

    /// <inheritdoc/>
    public void Started(SlideInput input) => _start = DateTimeOffset.UtcNow;

    /// <inheritdoc/>
    public void Waiting(SlideInput input, ResultInUseException error) => _start = DateTimeOffset.UtcNow;

    /// <inheritdoc/>
    public void Ended(SlideOutcome outcome, double seconds, double processorSeconds)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var end = DateTimeOffset.UtcNow;
        var kinds = Kinds(outcome.State.ToString().ToLowerInvariant(), outcome.Manifest);
        Count(kinds, outcome.Report, seconds, processorSeconds);
        using var span = Begin(outcome.Input, end.AddSeconds(-seconds), kinds);
        if (span is null)
        {
            return;
        }

        span.SetTag("hoverfast.nuclei", outcome.Report?.Nuclei ?? outcome.Manifest?.Counts.Nuclei);
        span.SetTag("hoverfast.tissue.mm2", outcome.Report?.TissueArea ?? outcome.Manifest?.Counts.TissueArea);
        span.SetTag("hoverfast.seconds", seconds);
        span.SetTag("hoverfast.processor.seconds", processorSeconds);
        if (outcome.Report is { } report)
        {
            span.SetTag("hoverfast.tiles", report.Tiles);
            span.SetTag("hoverfast.tiles.resumed", report.TilesResumed);
            span.SetTag("hoverfast.warnings", report.Warnings.Count);
            foreach (var (stage, spent) in report.StageSeconds)
            {
                span.SetTag($"hoverfast.stage.{stage.ToString().ToLowerInvariant()}.seconds", spent);
            }
        }

        if (outcome.Error is { } error)
        {
            span.SetTag("error.type", error.GetType().Name);
            span.SetStatus(ActivityStatusCode.Error);
        }

        span.SetEndTime(end.UtcDateTime);
    }

    /// <inheritdoc/>
    public void Stopped(SlideInput? input)
    {
        if (input is null)
        {
            return;
        }

        var kinds = Kinds("stopped", manifest: null);
        _slides.Add(1, kinds);
        using var span = Begin(input, _start, kinds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The instruments are the process's: another batch may follow.
    }

    private static void Count(TagList kinds, Pipeline.SlideReport? report, double seconds, double processorSeconds)
    {
        _slides.Add(1, kinds);
        _seconds.Record(seconds, kinds);
        _processor.Add(processorSeconds, kinds);
        if (report is null)
        {
            return;
        }

        _nuclei.Add(report.Nuclei, kinds);
        _tissue.Add(report.TissueArea, kinds);
        foreach (var (stage, spent) in report.StageSeconds)
        {
            _stages.Add(spent, new KeyValuePair<string, object?>("hoverfast.stage", stage.ToString().ToLowerInvariant()));
        }
    }

    private static TagList Kinds(string outcome, Manifest? manifest)
    {
        var kinds = new TagList { { "hoverfast.outcome", outcome } };
        if (manifest is not null)
        {
            kinds.Add("hoverfast.model", manifest.Model.Name);
            kinds.Add("hoverfast.format", manifest.Slide.Format);
        }

        return kinds;
    }

    // Spans are made when their slide has ended: none is current while one is under way, so requests to a DICOMweb server carry no identifier.
    private Activity? Begin(SlideInput input, DateTimeOffset start, TagList kinds)
    {
        var span = _source.StartActivity("segment slide", ActivityKind.Internal, _parent, kinds, links: null, start);
        return span?.SetTag("hoverfast.slide", input.Name);
    }
}
