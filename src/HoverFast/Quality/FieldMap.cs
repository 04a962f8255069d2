namespace HoverFast.Quality;

/// <summary>The fields of a slide, put together from its tiles.</summary>
internal sealed class FieldMap
{
    private readonly SortedDictionary<(int Row, int Column), FieldSums> _fields = [];

    /// <summary>The fields by row and column.</summary>
    public IReadOnlyCollection<FieldSums> Fields => _fields.Values;

    /// <summary>Adds what was seen in a tile.</summary>
    public void Add(IEnumerable<FieldSums> fields)
    {
        foreach (var field in fields)
        {
            if (!_fields.TryGetValue((field.Row, field.Column), out var known))
            {
                _fields.Add((field.Row, field.Column), known = new FieldSums(field.Column, field.Row));
            }

            known.Add(field);
        }
    }

    /// <summary>The sums of all fields.</summary>
    /// <param name="except">Fields that don't count; null for none.</param>
    public FieldSums Total(ArtefactFields? except = null)
    {
        var total = new FieldSums(0, 0);
        foreach (var field in Fields.Where(f => except?.Contains(f) != true))
        {
            total.Add(field);
        }

        return total;
    }
}
