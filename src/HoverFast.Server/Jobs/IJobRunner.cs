namespace HoverFast.Server.Jobs;

/// <summary>Does the jobs of the table: on this machine or on a cluster.</summary>
internal interface IJobRunner
{
    /// <summary>What a job says that somebody stopped.</summary>
    const string Cancelled = "Cancelled; starting it again goes on from the finished tiles.";

    /// <summary>How far jobs under way are, by their numbers; those of which nothing is known yet are left out.</summary>
    IReadOnlyDictionary<long, JobProgress> Progress { get; }

    /// <summary>Looks for jobs: one was added.</summary>
    void Wake();

    /// <summary>Stops a job, or takes it out of the queue.</summary>
    /// <returns>Whether there was anything to stop.</returns>
    Task<bool> CancelAsync(long id, CancellationToken cancellation);
}
