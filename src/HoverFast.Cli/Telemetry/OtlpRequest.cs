namespace HoverFast.Cli.Telemetry;

/// <summary>
/// What OpenTelemetry's environment variables ask to be sent. Knows no type of OpenTelemetry's packages: they are not even loaded where nothing is asked.
/// </summary>
/// <param name="Traces">Whether spans are sent.</param>
/// <param name="Metrics">Whether figures are sent.</param>
internal sealed record OtlpRequest(bool Traces, bool Metrics)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Reads the variables; null where nothing is to be sent.</summary>
    /// <param name="variable">Gives a variable's value.</param>
    /// <param name="problem">What is wrong with the variables; null where nothing is.</param>
    public static OtlpRequest? Read(Func<string, string?> variable, out string? problem)
    {
        problem = null;
        if (string.Equals(Value("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        string? wrong = null;
        var request = new OtlpRequest(IsAsked("TRACES"), IsAsked("METRICS"));
        problem = wrong;
        return wrong is null && (request.Traces || request.Metrics) ? request : null;

        bool IsAsked(string signal)
        {
            var exporters = Value($"OTEL_{signal}_EXPORTER")?.Split(',', StringSplitOptions.TrimEntries) ?? ["otlp"];
            var own = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";
            var name = Value(own) is null ? Endpoint : own;
            if (!exporters.Contains("otlp", StringComparer.Ordinal) || Value(name) is not { } address)
            {
                return false;
            }

            // The packages would take a collector on this machine instead.
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                wrong = $"{name} is no address that begins with http:// or https://; nothing is sent.";
            }

            return true;
        }

        // An empty variable counts as none.
        string? Value(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;
    }
}
