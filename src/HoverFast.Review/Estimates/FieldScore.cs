using HoverFast.Review.Edits;
using HoverFast.Review.Fields;

namespace HoverFast.Review.Estimates;

/// <summary>
/// What the model did in a field that is done. A nucleus is found when one of the model's covers it with an intersection over union above a half, wherever
/// that one's
/// centroid lies. Sums over all fields of a slide are the slide's own counts.
/// </summary>
/// <param name="Found">Nuclei of the model whose centroid lies in the field.</param>
/// <param name="FoundRight">Those of them that are nuclei.</param>
/// <param name="True">Nuclei after review whose centroid lies in the field.</param>
/// <param name="TrueFound">Those of them that the model found.</param>
public sealed record FieldScore(int Found, int FoundRight, int True, int TrueFound)
{
    private const double SameNucleus = 0.5;

    /// <summary>Counts a field.</summary>
    internal static FieldScore Of(ReviewField field, ReviewState state)
    {
        var near = state.Nuclei.Values.ToList();
        List<Outline> found = [.. near.Select(n => n.Found?.Outline).OfType<Outline>()];
        List<Outline> right = [.. near.Select(n => n.Shape?.Outline).OfType<Outline>()];
        return Of(field, found, right);
    }

    /// <summary>Counts a field of known nuclei, those beside it included.</summary>
    internal static FieldScore Of(ReviewField field, IReadOnlyList<Outline> found, IReadOnlyList<Outline> right)
    {
        var inField = (Found: found.Where(IsIn).ToList(), Right: right.Where(IsIn).ToList());
        return new FieldScore(
            inField.Found.Count,
            inField.Found.Count(f => right.Any(r => r.IouWith(f) > SameNucleus)),
            inField.Right.Count,
            inField.Right.Count(r => found.Any(f => f.IouWith(r) > SameNucleus)));

        bool IsIn(Outline outline) => field.Contains(outline.Centroid.X, outline.Centroid.Y);
    }
}
