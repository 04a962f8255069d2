namespace HoverFast.Jobs;

/// <summary>Another run is writing the result of this name, or a file that is no lock stands in the lock's place.</summary>
public sealed class ResultInUseException : IOException
{
    internal ResultInUseException(string name, LockOwner? holder)
        : base(holder is null ? $"another run is writing {name} (its lock file tells no more)." : $"another run is writing {name} ({holder}).")
    {
    }
}
