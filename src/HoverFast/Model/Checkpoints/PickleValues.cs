namespace HoverFast.Model.Checkpoints;

/// <summary>The name of a class or function in a pickle; only a name, nothing is looked up or called.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>An object of which only the class matters to nobody: a data type's description, for instance.</summary>
internal sealed record PickleInert(PickleGlobal Class, PickleTuple Arguments);

/// <summary>A tuple.</summary>
internal sealed class PickleTuple(object?[] items)
{
    public object?[] Items { get; } = items;
}

/// <summary>A list.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A dictionary in its order of insertion; only text keys can be looked up, which is all that checkpoints need.</summary>
internal sealed class PickleDictionary
{
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    public List<(object? Key, object? Value)> Items { get; } = [];

    public void Set(object? key, object? value)
    {
        if (key is string text)
        {
            if (_index.TryGetValue(text, out var at))
            {
                Items[at] = (key, value);
                return;
            }

            _index[text] = Items.Count;
        }

        Items.Add((key, value));
    }

    public bool TryGet(string key, out object? value)
    {
        var found = _index.TryGetValue(key, out var at);
        value = found ? Items[at].Value : null;
        return found;
    }
}
