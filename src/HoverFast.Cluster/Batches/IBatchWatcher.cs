using HoverFast.Jobs;

namespace HoverFast.Cluster.Batches;

/// <summary>Is told what happens in a batch, in its order and on one thread at a time.</summary>
public interface IBatchWatcher : IDisposable
{
    /// <summary>An input is begun.</summary>
    void Started(SlideInput input);

    /// <summary>Another run is writing an input's result, and is waited for.</summary>
    /// <param name="input">The input.</param>
    /// <param name="error">Who has it.</param>
    void Waiting(SlideInput input, ResultInUseException error);

    /// <summary>An input is done, kept or failed.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="seconds">Wall-clock seconds since it was begun.</param>
    /// <param name="processorSeconds">Seconds that all cores together spent on it.</param>
    void Ended(SlideOutcome outcome, double seconds, double processorSeconds);

    /// <summary>The batch was stopped before its end.</summary>
    /// <param name="input">The input that was under way; null where none was.</param>
    void Stopped(SlideInput? input);
}
