using System.Globalization;

namespace HoverFast.Quality;

/// <summary>
/// The fields of a slide that hold artefacts (<see cref="SlideArtefacts"/>), to leave their nuclei out. Which they are is known once all tiles are,
/// and depends on nothing else.
/// </summary>
internal sealed class ArtefactFields
{
    private readonly HashSet<(int Row, int Column)> _fields;
    private readonly double _side;
    private readonly double _left;
    private readonly double _top;

    private ArtefactFields(IEnumerable<(int Row, int Column)> fields, double scale, double left, double top) =>
        (_fields, _side, _left, _top) = ([.. fields], FieldSums.Side * scale, left, top);

    /// <summary>How many fields.</summary>
    public int Count => _fields.Count;

    /// <summary>Makes the set of some fields.</summary>
    /// <param name="fields">The fields.</param>
    /// <param name="scale">Full-resolution pixels in a micron.</param>
    /// <param name="left">The working grid's corner in the pixels of the results.</param>
    /// <param name="top">Its row.</param>
    public static ArtefactFields Of(IEnumerable<FieldSums> fields, double scale, double left, double top) =>
        new(fields.Select(f => (f.Row, f.Column)), scale, left, top);

    /// <summary>Reads what <see cref="ToRows"/> wrote.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static ArtefactFields Parse(IEnumerable<string> rows, double scale, double left, double top)
    {
        return new ArtefactFields(rows.SelectMany(Row), scale, left, top);

        static IEnumerable<(int, int)> Row(string text)
        {
            var parts = text.Split(": ");
            return parts.Length == 2 ? parts[1].Split(", ").SelectMany(Run).Select(column => (Number(parts[0]), column)) : throw new FormatException($"'{text}'");
        }

        static IEnumerable<int> Run(string text)
        {
            var ends = text.Split(" to ");
            var (first, last) = (Number(ends[0]), Number(ends[^1]));
            return ends.Length <= 2 && last >= first && last - (long)first < 1 << 20
                ? Enumerable.Range(first, last - first + 1)
                : throw new FormatException($"'{text}'");
        }

        static int Number(string text) => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a field is one of them.</summary>
    public bool Contains(FieldSums field) => _fields.Contains((field.Row, field.Column));

    /// <summary>Whether a point lies in one of them.</summary>
    /// <param name="x">In full-resolution pixels from the corner of the slide's bounds.</param>
    /// <param name="y">Its row.</param>
    public bool Contains(double x, double y) => _fields.Contains(((int)Math.Floor((y - _top) / _side), (int)Math.Floor((x - _left) / _side)));

    /// <summary>Whether a rectangle shares a point with one of them.</summary>
    /// <param name="x">Left edge in full-resolution pixels from the corner of the slide's bounds.</param>
    /// <param name="y">Upper edge.</param>
    /// <param name="width">Width, above 0.</param>
    /// <param name="height">Height, above 0.</param>
    public bool Touches(double x, double y, double width, double height)
    {
        var (top, bottom) = (Math.Floor((y - _top) / _side), Math.Ceiling((y + height - _top) / _side));
        var (left, right) = (Math.Floor((x - _left) / _side), Math.Ceiling((x + width - _left) / _side));
        return _fields.Any(f => f.Row >= top && f.Row < bottom && f.Column >= left && f.Column < right);
    }

    /// <summary>The fields in words, a row of fields a line: "12: 3 to 7, 9".</summary>
    public IReadOnlyList<string> ToRows() =>
    [
        .. _fields.GroupBy(f => f.Row, f => f.Column).OrderBy(g => g.Key).Select(row =>
        {
            // Columns that follow each other have one difference to their place.
            var runs = row.Order().Select((column, i) => (column, run: column - i)).GroupBy(c => c.run, c => c.column);
            return string.Create(CultureInfo.InvariantCulture, $"{row.Key}: {string.Join(", ", runs.Select(Told))}");
        }),
    ];

    private static string Told(IEnumerable<int> run)
    {
        var (first, last) = (run.First(), run.Last());
        return string.Create(CultureInfo.InvariantCulture, $"{(first == last ? $"{first}" : $"{first} to {last}")}");
    }
}
