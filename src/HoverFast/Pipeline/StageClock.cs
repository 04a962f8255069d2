namespace HoverFast.Pipeline;

/// <summary>Adds up the processor time that all threads spend in each stage. Thread safe.</summary>
internal sealed class StageClock
{
    private readonly long[] _nanoseconds = new long[Enum.GetValues<Stage>().Length];

    /// <summary>Adds the time since <paramref name="start"/>, a value of <see cref="ThreadTime.Now"/> on this thread.</summary>
    public void Add(Stage stage, long start) => Interlocked.Add(ref _nanoseconds[(int)stage], ThreadTime.Now - start);

    /// <summary>Processor seconds per stage, summed over threads.</summary>
    public IReadOnlyDictionary<Stage, double> Seconds =>
        Enum.GetValues<Stage>().ToDictionary(s => s, s => Volatile.Read(ref _nanoseconds[(int)s]) * 1e-9);
}
