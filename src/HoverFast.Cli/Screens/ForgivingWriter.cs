using System.Text;

namespace HoverFast.Cli.Screens;

/// <summary>
/// Standard output or error: a full disk behind it, or nobody at its other end, must not cost the work. The first failure is kept.
/// </summary>
internal sealed class ForgivingWriter(TextWriter inner) : TextWriter
{
    /// <summary>Why it can't be written to; null while it can.</summary>
    public string? Error { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Puts one in the place of a stream of the console.</summary>
    public static ForgivingWriter Install(TextWriter inner, Action<TextWriter> set)
    {
        var writer = new ForgivingWriter(inner);
        set(writer);
        return writer;
    }

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Error ??= e.Message.TrimEnd('.');
        }
    }
}
