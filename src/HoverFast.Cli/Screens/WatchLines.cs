using System.Globalization;
using HoverFast.Cluster.Batches;
using HoverFast.Jobs;

namespace HoverFast.Cli.Screens;

/// <summary>What happens in a watched folder as lines with the time, for people and for the journals of service managers.</summary>
/// <param name="writer">Where the lines go.</param>
internal sealed class WatchLines(TextWriter writer) : IBatchWatcher
{
    /// <summary>A note, to standard error.</summary>
    public static void Note(string text) => Console.Error.WriteLine(Line(text));

    /// <inheritdoc/>
    public void Started(SlideInput input) => Write($"{input.Name}: begun ({input.Path})");

    /// <inheritdoc/>
    public void Waiting(SlideInput input, ResultInUseException error) => Write($"{input.Name}: {error.Message} Waiting for it.");

    /// <inheritdoc/>
    public void Ended(SlideOutcome outcome, double seconds, double processorSeconds) => Write(outcome switch
    {
        { Error: { } error } => $"{outcome.Input.Name}: failed: {ProblemText.Of(outcome.Input, error)}",
        { State: SlideState.Kept } => $"{outcome.Input.Name}: done before, kept",
        _ => string.Create(CultureInfo.InvariantCulture, $"{outcome.Input.Name}: done, {outcome.Manifest?.Counts.Nuclei} nuclei, {seconds:0.0} s"),
    });

    /// <inheritdoc/>
    public void Stopped(SlideInput? input)
    {
        if (input is not null)
        {
            Write($"{input.Name}: stopped; its finished tiles are kept");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Flush();

    private static string Line(string text) => $"{DateTime.Now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} {text}";

    private void Write(string text) => writer.WriteLine(Line(text));
}
