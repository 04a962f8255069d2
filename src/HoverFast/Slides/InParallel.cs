using System.Runtime.ExceptionServices;

namespace HoverFast.Slides;

/// <summary>Parts that several threads do at once.</summary>
internal static class InParallel
{
    /// <summary>Does all parts. One that fails stops those that have not begun, and its error is thrown as it is, not wrapped with others'.</summary>
    /// <param name="count">How many.</param>
    /// <param name="threads">Threads; at least 1.</param>
    /// <param name="part">Does the part of a number.</param>
    /// <param name="cancellation">Stops it.</param>
    public static void Do(int count, int threads, Action<int> part, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, part);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
