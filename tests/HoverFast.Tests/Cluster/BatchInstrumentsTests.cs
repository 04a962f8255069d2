using System.Diagnostics;
using System.Diagnostics.Metrics;
using HoverFast.Cluster.Batches;
using HoverFast.Jobs;
using Xunit;

namespace HoverFast.Tests.Cluster;

/// <summary>Whoever listens to .NET's instruments is told of a batch; what a collector gets of it: <c>OpenTelemetryTests</c>.</summary>
public sealed class BatchInstrumentsTests
{
    [Fact]
    public void ASlideThatWasStoppedHasASpanFromItsBeginning()
    {
        List<Activity> spans = [];
        List<(string Instrument, string? Outcome)> counted = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == BatchInstruments.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Meter.Name == BatchInstruments.Name)
                {
                    meters.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counted.Add((instrument.Name, (string?)tags[0].Value)));
        meters.Start();

        using var watcher = new BatchInstruments();
        var before = DateTime.UtcNow;
        watcher.Started(new SlideInput("/data/a/b.svs", "b"));
        Assert.Null(Activity.Current);
        watcher.Stopped(new SlideInput("/data/a/b.svs", "b"));
        watcher.Stopped(null);

        var span = Assert.Single(spans);
        Assert.Equal(
            ("segment slide", "b", "stopped", default),
            (span.OperationName, span.GetTagItem("hoverfast.slide"), span.GetTagItem("hoverfast.outcome"), span.ParentSpanId));
        Assert.InRange(span.StartTimeUtc, before, DateTime.UtcNow);
        Assert.Equal([("hoverfast.slides", "stopped")], counted);
    }
}
