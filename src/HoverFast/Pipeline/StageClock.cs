using System.Diagnostics;

namespace HoverFast.Pipeline;

/// <summary>The steps of the main line whose time is told.</summary>
public enum Stage
{
    /// <summary>Decoding and resampling tiles.</summary>
    Read,

    /// <summary>The network.</summary>
    Infer,

    /// <summary>From maps to outlines: seeds, watershed, contours, ownership.</summary>
    Find,

    /// <summary>Shape and stain of each nucleus.</summary>
    Measure,

    /// <summary>Journal and outputs.</summary>
    Write,
}

/// <summary>Adds up the time that all threads spend in each stage. Thread safe.</summary>
internal sealed class StageClock
{
    private readonly long[] _ticks = new long[Enum.GetValues<Stage>().Length];

    /// <summary>Adds the time since <paramref name="start"/>, a value of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public void Add(Stage stage, long start) => Interlocked.Add(ref _ticks[(int)stage], Stopwatch.GetTimestamp() - start);

    /// <summary>Seconds per stage, summed over threads.</summary>
    public IReadOnlyDictionary<Stage, double> Seconds =>
        Enum.GetValues<Stage>().ToDictionary(s => s, s => Volatile.Read(ref _ticks[(int)s]) / (double)Stopwatch.Frequency);
}
