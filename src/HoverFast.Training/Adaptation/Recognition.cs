using System.Text.Json;
using HoverFast.Model;
using HoverFast.Quality;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Trust;

namespace HoverFast.Training.Adaptation;

/// <summary>How well the user's tissue is told from the tissue that the start learned, and the numbers that do it.</summary>
internal sealed record Recognition
{
    /// <summary>Share of the held-out tiles that must be known as the own tissue, and of the known tissue's pictures that may be taken for it.</summary>
    private const double LeastOwn = 0.6;
    private const double MostTaken = 0.1;

    /// <summary>The numbers for the model that learns all tiles.</summary>
    public required TissueCard Whole { get; init; }

    /// <summary>Those of each run, without the tiles that it holds out.</summary>
    public required IReadOnlyList<TissueCard> Parts { get; init; }

    /// <summary>Held-out tiles that were known as the own tissue by the numbers of the run that held them out.</summary>
    public required int Known { get; init; }

    /// <summary>All tiles.</summary>
    public required int Tiles { get; init; }

    /// <summary>Pictures of known tissue that were taken for the own.</summary>
    public required int Taken { get; init; }

    /// <summary>The model that segments what isn't known as the own tissue.</summary>
    public required StartingModel Elsewhere { get; init; }

    /// <summary>All pictures of known tissue.</summary>
    public required int Pictures { get; init; }

    /// <summary>Whether it is good enough to go by.</summary>
    public bool Holds => Known >= LeastOwn * Tiles && Taken <= MostTaken * Pictures;

    /// <summary>Finds out.</summary>
    /// <param name="elsewhere">The model that is to segment other tissue.</param>
    /// <param name="student">The student that looks at the tissue.</param>
    /// <param name="seen">What it sees.</param>
    /// <param name="held">The user's tiles by the run that holds them out.</param>
    /// <param name="checks">Pictures of known tissue.</param>
    /// <param name="earlier">Tiles of the same tissue that the start learned.</param>
    /// <returns>Null where nothing is known of what the student learned, or the tiles of a run show nothing.</returns>
    public static Recognition? Of(
        StartingModel elsewhere,
        ModelCard student,
        TileTissue seen,
        IReadOnlyList<IReadOnlyList<LabelledImage>> held,
        IReadOnlyList<LabelledImage> checks,
        IReadOnlyList<LabelledImage> earlier)
    {
        if (MatchCalibration.NameFor(student) is not { } name
            || KnownTissues.Of(name) is not { } known
            || OwnTissue.Of(known, [.. held.Select(h => Seen(h))], Seen(earlier)) is not { } own)
        {
            return null;
        }

        var recogniser = new TissueRecogniser(own.Whole);
        return new Recognition
        {
            Whole = own.Whole,
            Parts = own.Parts,
            Known = own.Known,
            Tiles = held.Sum(h => h.Count),
            Taken = checks.Count(c => recogniser.AreOwn(seen.Of(c))),
            Pictures = checks.Count,
            Elsewhere = elsewhere,
        };

        IReadOnlyList<IReadOnlyList<FieldSums>> Seen(IReadOnlyList<LabelledImage> tiles) => [.. tiles.Select(seen.Of)];
    }

    /// <summary>What a model carries that knows the tissue.</summary>
    /// <param name="card">The numbers.</param>
    /// <param name="elsewhere">The model that segments other tissue; null for <see cref="Elsewhere"/>.</param>
    public StartInside Inside(TissueCard card, StartingModel? elsewhere = null) => new(
        (elsewhere ?? Elsewhere).Graph,
        (elsewhere ?? Elsewhere).Card.ToJson(),
        JsonSerializer.Serialize(card, QualityJson.Relaxed.TissueCard));
}
