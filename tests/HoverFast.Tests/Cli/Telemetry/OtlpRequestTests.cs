using HoverFast.Cli.Telemetry;
using Xunit;

namespace HoverFast.Tests.Cli.Telemetry;

/// <summary>What the variables ask for, as OpenTelemetry's specification has them.</summary>
public sealed class OtlpRequestTests
{
    private const string All = "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318";

    [Theory]
    [InlineData("")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://c:4318/v1/logs")]
    [InlineData("OTEL_TRACES_EXPORTER=otlp")]
    [InlineData(All + " OTEL_SDK_DISABLED=true")]
    [InlineData(All + " OTEL_SDK_DISABLED=True")]
    [InlineData(All + " OTEL_TRACES_EXPORTER=none OTEL_METRICS_EXPORTER=console")]
    public void NothingIsAskedFor(string variables)
    {
        Assert.Null(Read(variables, out var problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData(true, true, All)]
    [InlineData(true, true, All + " OTEL_SDK_DISABLED=1")]
    [InlineData(true, true, All + " OTEL_TRACES_EXPORTER=console,otlp")]
    [InlineData(true, false, All + " OTEL_METRICS_EXPORTER=none")]
    [InlineData(true, false, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://c/v1/traces")]
    [InlineData(false, true, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=https://c/v1/metrics")]
    public void SignalsAreAskedFor(bool traces, bool metrics, string variables) =>
        Assert.Equal(new OtlpRequest(traces, metrics), Read(variables, out _));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317", "OTEL_EXPORTER_OTLP_ENDPOINT is no address")]
    [InlineData(All + " OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=collector", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no address")]
    public void AWrongAddressIsToldAndNothingIsSent(string variables, string expected)
    {
        Assert.Null(Read(variables, out var problem));
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    // Variables are divided by blanks.
    private static OtlpRequest? Read(string variables, out string? problem)
    {
        var set = variables.Split(' ').Select(v => v.Split('=', 2)).Where(v => v.Length == 2).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        return OtlpRequest.Read(name => set.GetValueOrDefault(name), out problem);
    }
}
