namespace HoverFast.Server.Accounts;

/// <summary>
/// Wrong passwords, counted per name, known or not, so that many addresses don't help in guessing: five of them close a name for five minutes. Thread safe.
/// </summary>
/// <param name="time">Its timestamps count: a clock that is set back would close a name for longer.</param>
internal sealed class FailedLogIns(TimeProvider time)
{
    private const int Free = 5;
    private const int LongestName = 64;
    private static readonly TimeSpan _forgottenAfter = TimeSpan.FromMinutes(5);
    private readonly Dictionary<string, (int Count, long Last)> _failures = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a password may be looked at. It counts as wrong from here on, so that guesses at once don't help.</summary>
    public bool MayTry(string name)
    {
        lock (_failures)
        {
            foreach (var (key, failure) in _failures)
            {
                if (time.GetElapsedTime(failure.Last) > _forgottenAfter)
                {
                    _failures.Remove(key);
                }
            }

            var before = _failures.GetValueOrDefault(Counted(name)).Count;
            if (before < Free)
            {
                _failures[Counted(name)] = (before + 1, time.GetTimestamp());
            }

            return before < Free;
        }
    }

    /// <summary>The password was right.</summary>
    public void Forget(string name)
    {
        lock (_failures)
        {
            _failures.Remove(Counted(name));
        }
    }

    // No account has a longer name, and nobody is to fill the memory with them.
    private static string Counted(string name) => name[..Math.Min(name.Length, LongestName)];
}
