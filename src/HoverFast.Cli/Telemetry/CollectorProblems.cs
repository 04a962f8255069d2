using System.Diagnostics.Tracing;

namespace HoverFast.Cli.Telemetry;

/// <summary>Hears whether the exporter failed to send: it tells that by .NET's events alone.</summary>
internal sealed class CollectorProblems : EventListener
{
    private volatile bool _any;

    /// <summary>Whether something was not sent.</summary>
    public bool Any => _any;

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "OpenTelemetry-Exporter-OpenTelemetryProtocol")
        {
            EnableEvents(eventSource, EventLevel.Error);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData) => _any = true;
}
