using HoverFast.Jobs;
using HoverFast.Review.Fields;
using HoverFast.Review.Logs;

namespace HoverFast.Review.Edits;

/// <summary>The review of one slide: its log, and what that comes to. Thread safe; other processes may write to the log too.</summary>
internal sealed class SlideReview
{
    private readonly Lock _gate = new();
    private readonly ChainedLog<ReviewEntry> _log;
    private readonly HashSet<string> _sessions = new(StringComparer.Ordinal);
    private readonly ReviewState _state = new();
    private readonly string _results;

    /// <summary>Opens a slide's review; nothing is written before the first entry.</summary>
    /// <param name="result">The result.</param>
    /// <param name="path">The log.</param>
    /// <param name="results">The folder of results; where it keeps an audit log, edits are written down there too.</param>
    public SlideReview(SlideResult result, string path, string results)
    {
        Result = result;
        _results = results;
        _log = new ChainedLog<ReviewEntry>(path, ReviewEntry.Json);
        CatchUp();
    }

    /// <summary>Whether the review is of the result that is there; false where that was made anew since.</summary>
    public bool IsOfResult => _log.Entries.Count == 0 || _log.Entries[0].Result?.Sha256 == Result.Sha256;

    /// <summary>The slide's result.</summary>
    public SlideResult Result { get; }

    /// <summary>The log's file.</summary>
    public string Path => _log.Path;

    /// <summary>Whether fields of a session were drawn on this result.</summary>
    public bool Has(string session) => IsOfResult && Look(state => state.Sessions.Contains(session));

    /// <summary>Adds the nuclei of a session's fields on this slide, once.</summary>
    public void Know(string session, Func<IEnumerable<ResultNucleus>> nuclei)
    {
        lock (_gate)
        {
            if (_sessions.Add(session))
            {
                _state.AddFound(nuclei());
            }
        }
    }

    /// <summary>Reads the state, up to the last entry of anybody.</summary>
    public T Look<T>(Func<ReviewState, T> look)
    {
        lock (_gate)
        {
            CatchUp();
            return look(_state);
        }
    }

    /// <summary>The state after some entry alone.</summary>
    /// <param name="entries">How many entries count.</param>
    /// <param name="found">All nuclei as the model found them.</param>
    public ReviewState StateAt(long entries, IEnumerable<ResultNucleus> found)
    {
        lock (_gate)
        {
            CatchUp();
            var state = new ReviewState();
            state.AddFound(found);
            for (var n = 1; n <= entries; n++)
            {
                state.Apply(_state[n]);
            }

            return state;
        }
    }

    /// <summary>Does an edit and brings it to the disk.</summary>
    /// <exception cref="ReviewException">It makes no sense.</exception>
    /// <exception cref="ReviewConflictException">Somebody changed the same meanwhile.</exception>
    public EditResult Edit(NucleusEdit edit, ReviewField field)
    {
        lock (_gate)
        {
            using var writing = _log.Begin();
            CatchUpWithLog();
            return edit.What switch
            {
                EditKind.Undo => Reverse(writing, edit, field, _state.NextUndo(edit.Who, field.Id), "undo"),
                EditKind.Redo => Reverse(writing, edit, field, _state.NextRedo(edit.Who, field.Id), "redo"),
                _ => Do(writing, edit, field),
            };
        }
    }

    /// <summary>Appends what concerns the whole slide.</summary>
    /// <param name="make">Makes the entry of the state as it is then; null where there is nothing to write.</param>
    /// <returns>Its number; 0 where nothing was written.</returns>
    public long Append(Func<ReviewState, ReviewEntry?> make)
    {
        lock (_gate)
        {
            using var writing = _log.Begin();
            CatchUpWithLog();
            return make(_state) is { } entry ? Append(writing, entry) : 0;
        }
    }

    private EditResult Do(ChainedLog<ReviewEntry>.Writing writing, NucleusEdit edit, ReviewField field)
    {
        if (_state.Field(field.Id).IsDone && edit.What is not (EditKind.Reopen or EditKind.Accept))
        {
            throw new ReviewException($"Field {field.Id} is done; reopen it first.");
        }

        var changes = new EditPlanner(_state, Result.Bounds, Result.Mpp).Plan(edit, field);
        RefuseConflict(edit, changes, field);
        return ResultOf(Append(writing, new ReviewEntry
        {
            When = DateTimeOffset.UtcNow,
            Who = edit.Who,
            What = edit.What,
            Field = field.Id,
            Changes = changes.Count > 0 ? changes : null,
            Why = string.IsNullOrWhiteSpace(edit.Why) ? null : edit.Why,
        }));
    }

    private EditResult Reverse(ChainedLog<ReviewEntry>.Writing writing, NucleusEdit edit, ReviewField field, long? number, string what)
    {
        var of = number ?? throw new ReviewException($"There is nothing of yours to {what} in field {field.Id}.");
        var undone = _state[of];
        if (_state.Field(field.Id).IsDone && undone.What is not (EditKind.Accept or EditKind.Reopen))
        {
            throw new ReviewException($"Field {field.Id} is done; reopen it first.");
        }

        IReadOnlyList<NucleusChange> changes = [.. (undone.Changes ?? []).Select(c => edit.What == EditKind.Undo ? c.Reversed() : c)];
        if (changes.FirstOrDefault(c => _state.Nuclei[c.Id].Shape != c.Before) is { } other)
        {
            throw ConflictWith(_state.Nuclei[other.Id].Version);
        }

        // What comes back may lie where somebody else drew the same nucleus meanwhile: it would count twice.
        foreach (var back in changes.Where(c => c.Before is null && c.After is not null).Select(c => c.After!))
        {
            if (_state.Nuclei.Values.FirstOrDefault(
                n => n.Version > of && _state[n.Version].Who != edit.Who && n.Shape is { } now && EditPlanner.IsSame(now, back)) is { } drawn)
            {
                throw ConflictWith(drawn.Version);
            }
        }

        if (undone.What is EditKind.Accept or EditKind.Reopen)
        {
            // It says something of the whole field: once somebody else went on there it can't be taken back, and what they did must be seen to say it again.
            RefuseConflict(edit with { What = undone.What, Seen = edit.What == EditKind.Undo ? of : edit.Seen }, changes, field);
        }

        return ResultOf(Append(writing, new ReviewEntry
        {
            When = DateTimeOffset.UtcNow,
            Who = edit.Who,
            What = edit.What,
            Field = field.Id,
            Of = of,
            Changes = changes.Count > 0 ? changes : null,
            Why = string.IsNullOrWhiteSpace(edit.Why) ? null : edit.Why,
        }));
    }

    // What a person has not seen must not be overwritten; a whole field that is called right must have been seen as it is.
    private void RefuseConflict(NucleusEdit edit, IReadOnlyList<NucleusChange> changes, ReviewField field)
    {
        var touched = changes.Select(c => c.Id).ToHashSet();
        for (var n = Math.Clamp(edit.Seen, 0, _state.Entries) + 1; n <= _state.Entries; n++)
        {
            var entry = _state[n];
            var clashes = entry.Who != edit.Who && edit.What switch
            {
                // Nuclei of a field are changed from the field beside it, and by files that come back, too.
                EditKind.Accept => entry.Field == field.Id || (entry.Changes ?? []).Any(c => IsIn(field, c.Before) || IsIn(field, c.After)),
                EditKind.Reopen => entry.Field == field.Id,
                _ => (entry.Changes ?? []).Any(c => touched.Contains(c.Id)),
            };
            if (clashes)
            {
                throw ConflictWith(n);
            }
        }
    }

    private static bool IsIn(ReviewField field, Shape? shape) =>
        shape is not null && field.Contains(shape.Outline.Centroid.X, shape.Outline.Centroid.Y);

    private ReviewConflictException ConflictWith(long number)
    {
        var entry = _state[number];
        return new ReviewConflictException(number, entry.Who, entry.When, entry.What);
    }

    private long Append(ChainedLog<ReviewEntry>.Writing writing, ReviewEntry entry)
    {
        using var audit = AuditLog.BeginIn(_results);
        if (_state.Entries == 0)
        {
            var model = Result.Manifest.Model;
            writing.Append(new ReviewEntry
            {
                When = entry.When,
                Who = entry.Who,
                What = EditKind.Begin,
                Result = new ReviewedResult(Result.Name, Result.Sha256, $"{model.Name} {model.Version}", Result.Manifest.Slide.Mpp),
            });
        }

        var number = writing.Append(entry);
        CatchUpWithLog();
        audit?.Append(new AuditEntry
        {
            When = entry.When,
            Who = entry.Who,
            What = "edited",
            Result = Result.Name,
            Program = Manifest.ProgramVersion(),
            Model = Result.Manifest.Model.Sha256,
            Sha256 = _log.HashOf(number),
            Log = AuditEntry.PathIn(_results, _log.Path),
            Number = number,
            Note = entry.Field is { } field ? $"{entry.What}, field {field}" : $"{entry.What}",
        }.ToJson());
        return number;
    }

    private EditResult ResultOf(long number)
    {
        var changes = _state[number].Changes ?? [];
        return new EditResult(
            number,
            [.. changes.Where(c => c.After is null).Select(c => c.Id)],
            [.. changes.Where(c => c.After is not null).Select(c => _state.Nuclei[c.Id].ToNucleus(c.Id, isInField: true))]);
    }

    private void CatchUp()
    {
        _log.Refresh();
        CatchUpWithLog();
    }

    private void CatchUpWithLog()
    {
        for (var n = _state.Entries; n < _log.Entries.Count; n++)
        {
            _state.Apply(_log.Entries[n]);
        }
    }
}
