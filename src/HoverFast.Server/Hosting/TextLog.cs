namespace HoverFast.Server.Hosting;

/// <summary>Writes what is logged to a writer, one line each: time, severity, category, text, and what was thrown.</summary>
/// <param name="writer">Takes the lines; written to by one thread at a time.</param>
/// <param name="time">The clock.</param>
internal sealed class TextLog(TextWriter writer, TimeProvider time) : ILoggerProvider
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The writer is its owner's.
    }

    private void Write(string line)
    {
        lock (_gate)
        {
            writer.WriteLine(line.ReplaceLineEndings(" "));
        }
    }

    private sealed class Category(TextLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write($"{log.Now} {Severity(logLevel)}: {name}: {formatter(state, exception)} {exception}".TrimEnd());
    }

    private string Now => time.GetUtcNow().ToString("u", System.Globalization.CultureInfo.InvariantCulture);

    private static string Severity(LogLevel level) =>
        level switch
        {
            LogLevel.Critical or LogLevel.Error => "error",
            LogLevel.Warning => "warning",
            _ => "note",
        };
}
