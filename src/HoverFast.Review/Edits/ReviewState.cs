using HoverFast.Review.Fields;
using HoverFast.Review.Logs;

namespace HoverFast.Review.Edits;

/// <summary>What a slide's log comes to: nuclei, fields, and what each person can undo. Made by going through the entries from the first.</summary>
internal sealed class ReviewState
{
    private readonly Dictionary<Guid, NucleusState> _nuclei = [];
    private readonly Dictionary<string, FieldState> _fields = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Who, string Field), (Stack<long> Undo, Stack<long> Redo)> _done = [];
    private readonly List<ReviewEntry> _entries = [];
    private readonly HashSet<string> _sessions = new(StringComparer.Ordinal);

    /// <summary>The nuclei that are known: those of fields, and those that were changed.</summary>
    public IReadOnlyDictionary<Guid, NucleusState> Nuclei => _nuclei;

    /// <summary>Names of the sessions whose fields were drawn.</summary>
    public IReadOnlySet<string> Sessions => _sessions;

    /// <summary>Entries that were gone through.</summary>
    public int Entries => _entries.Count;

    /// <summary>An entry, by its number from 1.</summary>
    public ReviewEntry this[long number] => _entries[checked((int)number - 1)];

    /// <summary>How far a field is.</summary>
    public FieldState Field(string id) => _fields.GetValueOrDefault(id, FieldState.Untouched);

    /// <summary>The edit that a person's undo would take back in a field, or null.</summary>
    public long? NextUndo(string who, string field) => _done.TryGetValue((who, field), out var stacks) && stacks.Undo.TryPeek(out var number) ? number : null;

    /// <summary>The edit that a person's redo would do again, or null.</summary>
    public long? NextRedo(string who, string field) => _done.TryGetValue((who, field), out var stacks) && stacks.Redo.TryPeek(out var number) ? number : null;

    /// <summary>Adds nuclei as the model found them.</summary>
    public void AddFound(IEnumerable<ResultNucleus> nuclei)
    {
        foreach (var nucleus in nuclei)
        {
            _nuclei[nucleus.Id] = _nuclei.TryGetValue(nucleus.Id, out var known) && known.Version > 0
                ? known with { Found = nucleus.Shape, Probability = nucleus.Probability }
                : new NucleusState(nucleus.Shape, nucleus.Probability, nucleus.Shape, 0);
        }
    }

    /// <summary>Goes through the next entry.</summary>
    public void Apply(ReviewEntry entry)
    {
        _entries.Add(entry);
        var number = _entries.Count;
        foreach (var change in entry.Changes ?? [])
        {
            var known = _nuclei.GetValueOrDefault(change.Id);

            // A nucleus outside of all fields is known by its first change alone.
            var found = known is null ? change.Before : known.Found;
            _nuclei[change.Id] = new NucleusState(found, known?.Probability, change.After, number);
        }

        if (entry is { What: EditKind.Fields, Session: { } session })
        {
            _sessions.Add(session);
        }

        if (entry.Field is not { } field)
        {
            return;
        }

        var state = Field(field);
        var done = entry.What switch
        {
            EditKind.Accept => true,
            EditKind.Reopen => false,
            EditKind.Undo => this[entry.Of!.Value].What is not (EditKind.Accept or EditKind.Reopen) ? state.IsDone
                : this[entry.Of.Value].What == EditKind.Reopen,
            EditKind.Redo => this[entry.Of!.Value].What is not (EditKind.Accept or EditKind.Reopen) ? state.IsDone
                : this[entry.Of.Value].What == EditKind.Accept,
            _ => state.IsDone,
        };
        var edits = state.Edits + (entry.What == EditKind.Undo ? -1 : 1);
        _fields[field] = new FieldState(done, edits, entry.Who, entry.When);
        if (!_done.TryGetValue((entry.Who, field), out var stacks))
        {
            _done[(entry.Who, field)] = stacks = ([], []);
        }

        switch (entry.What)
        {
            case EditKind.Undo:
                stacks.Redo.Push(stacks.Undo.Pop());
                break;
            case EditKind.Redo:
                stacks.Undo.Push(stacks.Redo.Pop());
                break;
            default:
                stacks.Undo.Push(number);
                stacks.Redo.Clear();
                break;
        }
    }
}
