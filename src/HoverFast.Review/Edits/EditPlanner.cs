using HoverFast.Review.Fields;
using HoverFast.Slides;
using NetTopologySuite.Geometries;

namespace HoverFast.Review.Edits;

/// <summary>Turns what a person asks for into changes of nuclei, and refuses what makes no sense. Changes nothing itself.</summary>
/// <param name="state">The nuclei as they are.</param>
/// <param name="bounds">Extent of the slide.</param>
/// <param name="mpp">Pixel size of the outlines.</param>
internal sealed class EditPlanner(ReviewState state, PixelRect bounds, Mpp mpp)
{
    /// <summary>Smallest and largest area of a nucleus, um2: beyond lie slips of the hand.</summary>
    private const double SmallestArea = 1;

    private const double LargestArea = 10_000;
    private const int MostPoints = 10_000;
    private const int MostNuclei = 100_000;
    private const int LongestClass = 64;
    private const double SameNucleus = 0.5;

    private double Least => SmallestArea / (mpp.MicronsPerPixel * mpp.MicronsPerPixel);

    private double Most => LargestArea / (mpp.MicronsPerPixel * mpp.MicronsPerPixel);

    /// <summary>The changes that an edit of a field makes.</summary>
    /// <exception cref="ReviewException">It makes no sense.</exception>
    public IReadOnlyList<NucleusChange> Plan(NucleusEdit edit, ReviewField field)
    {
        if (edit.Points.Count > 2 * MostPoints || edit.Nuclei.Count > MostNuclei)
        {
            throw new ReviewException("An outline has more points, or an edit more nuclei, than any hand draws.");
        }

        IReadOnlyList<NucleusChange> changes = edit.What switch
        {
            EditKind.Accept or EditKind.Reopen => [],
            EditKind.Delete => [.. Some(edit).Select(n => new NucleusChange(n.Id, n.Shape, null))],
            EditKind.Redraw => Redraw(One(edit), edit.Points),
            EditKind.Split => Split(One(edit), edit.Points),
            EditKind.Merge => Merge([.. Some(edit)]),
            EditKind.Add => [new NucleusChange(Guid.NewGuid(), null, new Shape(Drawn(edit.Points), ClassOf(edit)))],
            EditKind.SetClass => [.. Some(edit).Where(n => n.Shape.Class != ClassOf(edit))
                .Select(n => new NucleusChange(n.Id, n.Shape, n.Shape with { Class = ClassOf(edit) }))],
            _ => throw new ReviewException($"'{edit.What}' is no edit of a field."),
        };
        if (edit.What == EditKind.Add && state.Nuclei.FirstOrDefault(
            n => n.Value.Shape is { } s && IsSame(s, changes[0].After!)) is { Value: not null } same)
        {
            throw new ReviewException($"There is a nucleus already ({same.Key}); redraw it.");
        }

        var margin = SessionPlan.Margin / mpp.MicronsPerPixel;
        var reach = new Envelope(field.X - margin, field.X + field.Width + margin, field.Y - margin, field.Y + field.Height + margin);
        if (changes.SelectMany(c => new[] { c.Before, c.After }).OfType<Shape>().Any(s => !reach.Intersects(s.Outline.Box)))
        {
            throw new ReviewException($"The nucleus lies outside of field {field.Id}.");
        }

        return changes;
    }

    /// <summary>Whether two outlines are of one nucleus.</summary>
    public static bool IsSame(Shape a, Shape b) => a.Outline.IouWith(b.Outline) > SameNucleus;

    /// <summary>An outline as a person or another program drew it, cut off at the slide's edge.</summary>
    /// <exception cref="ReviewException">It is none.</exception>
    public Outline Drawn(IReadOnlyList<double> points)
    {
        var outline = Outline.TryOf(points) ?? throw new ReviewException("That is no outline: it needs three points or more that enclose an area.");
        var slide = new Envelope(0, bounds.Width, 0, bounds.Height);
        if (!slide.Contains(outline.Box))
        {
            outline = Outline.TryOf(outline.Polygon.Intersection(outline.Polygon.Factory.ToGeometry(slide)))
                ?? throw new ReviewException("The outline lies outside of the slide.");
        }

        return outline.Area < Least ? throw new ReviewException($"The outline holds less than {SmallestArea} um2: no nucleus is that small.")
            : outline.Area > Most ? throw new ReviewException($"The outline holds more than {LargestArea} um2: no nucleus is that large.")
            : outline;
    }

    private static string? ClassOf(NucleusEdit edit) =>
        string.IsNullOrWhiteSpace(edit.Class) ? null
        : edit.Class.Length <= LongestClass && !edit.Class.Any(char.IsControl) ? edit.Class.Trim()
        : throw new ReviewException($"A class is a name of at most {LongestClass} letters.");

    private IReadOnlyList<NucleusChange> Redraw((Guid Id, Shape Shape) nucleus, IReadOnlyList<double> points) =>
        [new NucleusChange(nucleus.Id, nucleus.Shape, nucleus.Shape with { Outline = Drawn(points) })];

    private IReadOnlyList<NucleusChange> Split((Guid Id, Shape Shape) nucleus, IReadOnlyList<double> line) =>
    [
        new NucleusChange(nucleus.Id, nucleus.Shape, null),
        .. OutlineCutter.Split(nucleus.Shape.Outline, line, Least)
            .Select(part => new NucleusChange(Guid.NewGuid(), null, nucleus.Shape with { Outline = part })),
    ];

    private static IReadOnlyList<NucleusChange> Merge((Guid Id, Shape Shape)[] nuclei) =>
        nuclei.Length < 2 ? throw new ReviewException("Merging takes two nuclei or more.")
        :
        [
            .. nuclei.Select(n => new NucleusChange(n.Id, n.Shape, null)),
            new NucleusChange(
                Guid.NewGuid(),
                null,
                new Shape(OutlineCutter.Merge([.. nuclei.Select(n => n.Shape.Outline)]), nuclei.MaxBy(n => n.Shape.Outline.Area).Shape.Class)),
        ];

    private (Guid Id, Shape Shape) One(NucleusEdit edit) =>
        edit.Nuclei.Count == 1 ? Some(edit).First() : throw new ReviewException($"'{edit.What}' takes one nucleus.");

    private IEnumerable<(Guid Id, Shape Shape)> Some(NucleusEdit edit) =>
        edit.Nuclei.Count == 0 ? throw new ReviewException($"'{edit.What}' takes a nucleus.")
        : edit.Nuclei.Distinct().Select(id => (id, state.Nuclei.TryGetValue(id, out var nucleus) && nucleus.Shape is { } shape
            ? shape
            : throw new ReviewException($"There is no nucleus {id} (any more).")));
}
