using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Evaluation;

/// <summary>
/// The nucleus types that files of truth and segmentation name. Names that the built-in student knows are its types, whatever data sets call them; others are
/// types of their own, in any case.
/// </summary>
internal sealed class NamedTypes
{
    private static readonly IReadOnlyList<ModelCard.NucleusType> _student = [.. (ModelCatalog.CardOf(NucleusModel.DefaultName).Types ?? []).Skip(1)];

    private readonly Dictionary<string, int> _numbers = new(StringComparer.OrdinalIgnoreCase);

    private NamedTypes(IReadOnlyList<(IReadOnlyDictionary<int, string> Truth, IReadOnlyDictionary<int, string> Found)> pairs)
    {
        Pairs = pairs;
        var names = pairs.SelectMany(p => p.Truth.Values.Concat(p.Found.Values)).Select(Own).Distinct(StringComparer.OrdinalIgnoreCase);
        Names =
        [
            .. names
                .OrderBy(name => TypeNames.IndexOf(_student, name) is >= 0 and var index ? index : _student.Count)
                .ThenBy(name => name, StringComparer.Ordinal),
        ];
        foreach (var (index, name) in Names.Index())
        {
            _numbers[name] = index + 1;
        }
    }

    /// <summary>The types, type 1 first: those of the student, then others by name.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The names by label of each pair's files.</summary>
    public IReadOnlyList<(IReadOnlyDictionary<int, string> Truth, IReadOnlyDictionary<int, string> Found)> Pairs { get; }

    /// <summary>Reads the names; null where not both sides name types.</summary>
    /// <param name="pairs">Files of truth and segmentation.</param>
    /// <exception cref="SlideException">A file can't be read.</exception>
    public static NamedTypes? Of(IReadOnlyList<LabelPair> pairs)
    {
        var names = pairs.Select(p => (Truth: TypeTruth.NamesOf(p.Truth), Found: TypeTruth.NamesOf(p.Predicted))).ToList();
        return names.Exists(n => n.Truth.Count > 0) && names.Exists(n => n.Found.Count > 0) ? new NamedTypes(names) : null;
    }

    /// <summary>Counts a pair, where its truth names types, or holds no nucleus that could have one: what is found there is false.</summary>
    /// <param name="tally">What counts.</param>
    /// <param name="name">The picture's name.</param>
    /// <param name="pair">Which pair.</param>
    /// <param name="labels">Its labels.</param>
    public void AddTo(TypeTally tally, string name, int pair, KnownLabels labels)
    {
        if (Pairs[pair].Truth.Count > 0 || !labels.Truth.Labels.Any(l => l != 0))
        {
            tally.Add(name, TypeTruth.OfLabels(labels.Truth, Pairs[pair].Truth, NumberOf), TypeTruth.OfLabels(labels.Found, Pairs[pair].Found, NumberOf));
        }
    }

    private static string Own(string name) => TypeNames.IndexOf(_student, name) is >= 0 and var index ? _student[index].Name : name;

    private int NumberOf(string name) => _numbers[Own(name)];
}
