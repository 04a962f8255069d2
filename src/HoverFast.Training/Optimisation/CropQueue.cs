using System.Collections.Concurrent;
using HoverFast.Training.Data;

namespace HoverFast.Training.Optimisation;

/// <summary>Draws batches ahead of the optimiser, on one thread and in order.</summary>
internal sealed class CropQueue : IDisposable
{
    private readonly BlockingCollection<Crop[]> _batches = new(boundedCapacity: 4);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    public CropQueue(CropSampler sampler, long firstStep, int batch, long steps)
    {
        _work = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    for (var step = firstStep; step < steps; step++)
                    {
                        var crops = new Crop[batch];
                        for (var i = 0; i < batch; i++)
                        {
                            crops[i] = sampler.Draw((step * batch) + i);
                        }

                        _batches.Add(crops, _stop.Token);
                    }
                }
                catch (OperationCanceledException)
                {
                    // The run ends early.
                }
                finally
                {
                    _batches.CompleteAdding();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    public Crop[] Next()
    {
        if (_batches.TryTake(out var batch, Timeout.Infinite))
        {
            return batch;
        }

        _work.GetAwaiter().GetResult();
        throw new InvalidOperationException("The run asks for more batches than it has steps.");
    }

    public void Dispose()
    {
        _stop.Cancel();
        _work.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        _batches.Dispose();
        _stop.Dispose();
    }
}
