using System.Collections.Concurrent;

namespace HoverFast.Review.Edits;

/// <summary>
/// Who is in which field at the moment: to tell the second one, not to keep anybody out. Kept in memory; a claim that isn't renewed ends by itself. Thread
/// safe.
/// </summary>
/// <param name="clock">Tells the time.</param>
public sealed class FieldClaims(TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<(string Field, string Who), (DateTimeOffset Since, DateTimeOffset Until)> _claims = new();

    /// <summary>How long a claim holds without being renewed.</summary>
    public static TimeSpan Lasts { get; } = TimeSpan.FromSeconds(45);

    /// <summary>Says that somebody is in a field, or still is.</summary>
    /// <returns>The others who are there, and since when.</returns>
    public IReadOnlyList<(string Who, DateTimeOffset Since)> Claim(string field, string who)
    {
        var now = _clock.GetUtcNow();
        _claims.AddOrUpdate((field, who), _ => (now, now + Lasts), (_, old) => old.Until > now ? (old.Since, now + Lasts) : (now, now + Lasts));
        foreach (var ended in _claims.Where(c => c.Value.Until <= now))
        {
            _claims.TryRemove(ended);
        }

        return [.. _claims.Where(c => c.Key.Field == field && c.Key.Who != who).OrderBy(c => c.Value.Since).Select(c => (c.Key.Who, c.Value.Since))];
    }

    /// <summary>Says that somebody left a field.</summary>
    public void Leave(string field, string who) => _claims.TryRemove((field, who), out _);
}
