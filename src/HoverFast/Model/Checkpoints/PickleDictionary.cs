namespace HoverFast.Model.Checkpoints;

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
