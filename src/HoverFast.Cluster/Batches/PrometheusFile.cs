using System.Globalization;
using System.Text;
using HoverFast.Files;
using HoverFast.Jobs;

namespace HoverFast.Cluster.Batches;

/// <summary>
/// Keeps a file of figures in Prometheus's text format, for the textfile collector of its node exporter: replaced whole after each slide, so that
/// who scrapes never sees half of it.
/// </summary>
public sealed class PrometheusFile : IBatchWatcher
{
    private static readonly CultureInfo _plain = CultureInfo.InvariantCulture;

    private readonly string _path;
    private readonly Dictionary<string, double> _stages = new(StringComparer.Ordinal);
    private long _done;
    private long _kept;
    private long _failed;
    private long _nuclei;
    private double _tissue;
    private double _seconds;
    private double _processorSeconds;
    private long _peakMemory;
    private bool _underWay;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Its place; a collector wants the ending <c>.prom</c>.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public PrometheusFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        PartialFile.WriteText(_path, Text());
    }

    /// <inheritdoc/>
    public void Started(SlideInput input)
    {
        _underWay = true;
        Write();
    }

    /// <inheritdoc/>
    public void Waiting(SlideInput input, ResultInUseException error)
    {
        // Nothing to count.
    }

    /// <inheritdoc/>
    public void Ended(SlideOutcome outcome, double seconds, double processorSeconds)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        _underWay = false;
        _done += outcome.State == SlideState.Done ? 1 : 0;
        _kept += outcome.State == SlideState.Kept ? 1 : 0;
        _failed += outcome.State == SlideState.Failed ? 1 : 0;
        _seconds += seconds;
        _processorSeconds += processorSeconds;
        if (outcome.Report is { } report)
        {
            _nuclei += report.Nuclei;
            _tissue += report.TissueArea;
            _peakMemory = report.PeakMemory;
            foreach (var (stage, spent) in report.StageSeconds)
            {
                var name = stage.ToString().ToLowerInvariant();
                _stages[name] = _stages.GetValueOrDefault(name) + spent;
            }
        }

        Write();
    }

    /// <inheritdoc/>
    public void Stopped(SlideInput? input)
    {
        _underWay = false;
        Write();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The last figures stay, as counters do.
    }

    private void Write()
    {
        try
        {
            PartialFile.WriteText(_path, Text());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Figures cost no slide; the next ones may find room.
        }
    }

    private string Text()
    {
        var text = new StringBuilder();
        Metric(
            "hoverfast_slides_total",
            "counter",
            "Slides by what became of them.",
            ("{state=\"done\"}", _done),
            ("{state=\"kept\"}", _kept),
            ("{state=\"failed\"}", _failed));
        Metric("hoverfast_slide_under_way", "gauge", "Whether a slide is being segmented.", ("", _underWay ? 1 : 0));
        Metric("hoverfast_nuclei_total", "counter", "Nuclei found.", ("", _nuclei));
        Metric("hoverfast_tissue_square_millimetres_total", "counter", "Tissue searched.", ("", _tissue));
        Metric("hoverfast_slide_seconds_total", "counter", "Wall-clock seconds spent on slides.", ("", _seconds));
        Metric("hoverfast_processor_seconds_total", "counter", "Processor seconds spent on slides.", ("", _processorSeconds));
        Metric(
            "hoverfast_stage_seconds_total",
            "counter",
            "Processor seconds by stage.",
            [.. _stages.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => ($"{{stage=\"{s.Key}\"}}", s.Value))]);
        Metric("hoverfast_peak_memory_bytes", "gauge", "The most memory that the process has held.", ("", _peakMemory));
        return text.ToString();

        void Metric(string name, string kind, string help, params (string Labels, double Value)[] values)
        {
            text.Append(_plain, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");
            foreach (var (labels, value) in values)
            {
                text.Append(_plain, $"{name}{labels} {value:R}\n");
            }
        }
    }
}
