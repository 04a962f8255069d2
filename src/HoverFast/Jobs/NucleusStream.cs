using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Pipeline;

namespace HoverFast.Jobs;

/// <summary>The nuclei of a slide one by one, without any file.</summary>
internal static class NucleusStream
{
    /// <summary>Nuclei that may wait for the reader: a slow one holds the run up instead of filling memory.</summary>
    private const int Waiting = 4096;

    /// <summary>Segments a slide and hands out its nuclei as its tiles are finished, in an order that depends on nothing but the slide.</summary>
    /// <param name="open">Opens the slide.</param>
    /// <param name="cancellation">Stops it, as leaving the loop does.</param>
    public static async IAsyncEnumerable<DetectedNucleus> ReadAsync(Func<SlideSession> open, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // On the pool, and not back to the caller's context: a user interface may wait for a nucleus.
        using var session = await Task.Run(open, cancellation).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var channel = Channel.CreateBounded<DetectedNucleus>(new BoundedChannelOptions(Waiting) { SingleReader = true, SingleWriter = true });
        var run = RunAsync(session, channel.Writer, stop.Token);
        try
        {
            await foreach (var nucleus in channel.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return nucleus;
            }
        }
        finally
        {
            // Whoever leaves early stops the run; it must end before the slide is closed.
            await stop.CancelAsync().ConfigureAwait(false);
            await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task RunAsync(SlideSession session, ChannelWriter<DetectedNucleus> to, CancellationToken stop)
    {
        try
        {
            using var collected = new CollectingOutput(session.Calibration.Mpp, session.MeasurementNames, ResultOutputs.ClassesOf(session));
            using var writer = new NucleusWriter([collected], session.Key);
            await Task.Run(
                () => new SlideRun(session, journal: null).RunAsync(
                    async tile =>
                    {
                        writer.Add(tile.Nuclei, tile.Measurements);
                        foreach (var nucleus in collected.Take())
                        {
                            await to.WriteAsync(nucleus, stop);
                        }
                    },
                    progress: null,
                    stop),
                stop).ConfigureAwait(false);
            to.Complete();
        }
        catch (Exception e)
        {
            to.Complete(e);
        }
    }
}
