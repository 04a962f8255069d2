using System.Text.Json;

namespace HoverFast.Model;

/// <summary>
/// Holds a card against what a network can be. Cards are strangers' files: each number is bounded, and so are those that make tiles large together,
/// before memory or time is spent on them.
/// </summary>
internal static class ModelCardCheck
{
    /// <summary>Pixel sizes that networks for nuclei work at, in um/px: 100x to 1x.</summary>
    private const double FinestMpp = 0.1;
    private const double CoarsestMpp = 10;

    private const int LargestStride = 256;
    private const int LargestOutputStride = 16;
    private const int LargestReach = 512;
    private const int LargestInput = 4096;
    private const int MostTypes = 256;
    private const int MostEntries = 1000;
    private const int LongestWord = 200;
    private const int Sha256Digits = 64;

    /// <summary>Checks a card.</summary>
    /// <exception cref="JsonException">A number or word is impossible; the message names it.</exception>
    public static void Require(ModelCard card)
    {
        Require(card.Mpp is >= FinestMpp and <= CoarsestMpp, $"mpp lies between {FinestMpp} and {CoarsestMpp} um/px");
        Require(card.Stride is >= 1 and <= LargestStride, $"stride lies between 1 and {LargestStride}");
        Require(card.OutputStride is >= 1 and <= LargestOutputStride, $"outputStride lies between 1 and {LargestOutputStride}");
        Require(card.OutputStride == 1 || card.Stride % card.OutputStride == 0, "stride is a multiple of outputStride");
        Require(card.Margin is >= 0 and <= LargestReach, $"margin lies between 0 and {LargestReach}");
        Require(card.ReceptiveRadius is >= 0 and <= LargestReach, $"receptiveRadius lies between 0 and {LargestReach}");
        if (card.FixedInput is { } side)
        {
            Require(side >= 1 && side <= LargestInput && side % card.Stride == 0, $"fixedInput lies between 1 and {LargestInput} and is a multiple of stride");
            Require(side - (2 * card.Margin) >= card.OutputStride, "fixedInput is larger than its margins");
        }

        Require(
            card.Parameters >= 0 && double.IsFinite(card.MultiplyAddsPerPixel) && card.MultiplyAddsPerPixel >= 0,
            "parameters and multiplyAddsPerPixel are not below 0");
        Require(
            card.Sha256.Length == 0 || (card.Sha256.Length == Sha256Digits && card.Sha256.All(char.IsAsciiHexDigitLower)),
            "sha256 has 64 digits of 0 to 9 and a to f");
        foreach (
            var (name, word) in (ReadOnlySpan<(string, string)>)
                [("name", card.Name), ("kind", card.Kind), ("version", card.Version), ("precision", card.Precision), ("stain", card.Stain)])
        {
            Require(IsWord(word), $"{name} is a word of up to {LongestWord} letters");
        }

        Require(
            !((IEnumerable<string?>)[card.Description, card.Licence, card.Normalisation, card.Outputs, card.Limits]).Any(HasControls),
            "its texts hold no control characters");
        Require(
            ((IEnumerable<string?>)[card.Created, card.Calibration, card.Base?.Name, card.Base?.Sha256, card.Elsewhere?.Name, card.Elsewhere?.Sha256])
                .All(w => w is null || IsWord(w)),
            $"created, calibration, base and elsewhere are words of up to {LongestWord} letters");
        Require(card.Name.Length > 0, "name is not empty");
        RequireTypes(card.Types);
        Require(card.TypeShare is null or (>= 0 and <= 1), "typeShare lies between 0 and 1");
        Require(
            card.TypeContext is null || (card.Types is { } named && IsFor(card.TypeContext, named.Count - 1)),
            "typeContext has a radius above 0 and up to 16 um, and for each type a constant, two weights for each type and one more");
        Require(card.Network?.Types is not { } branch || card.Types?.Count == branch.Count + 1, "types names the background and each of the network's types");
        Require(
            card.Data.Count <= MostEntries
                && card.Data.All(d => d is not null && double.IsFinite(d.Mpp))
                && card.Data.All(d => IsWord(d.Name) && IsWord(d.Use) && !HasControls(d.Licence) && !HasControls(d.Source)),
            "data is a list of sets with numbers");
        IReadOnlyList<ModelCard.Score> scores = [.. card.Scores, .. card.ScoresBefore ?? []];
        Require(
            scores.Count <= MostEntries && scores.All(s => s is not null && IsWord(s.Set) && double.IsFinite(s.Pq + s.Aji + s.Dice)),
            "scores is a list of sets with numbers");
        IReadOnlyList<ModelCard.TypeScore> ofTypes = card.TypeScores ?? [];
        Require(
            ofTypes.Count <= MostEntries
                && ofTypes.All(s => s is not null && IsWord(s.Set) && double.IsFinite(s.Detection + s.Accuracy) && s.Types.Keys.All(IsWord)),
            "typeScores is a list of sets with numbers");
        if (card.Network is { } network)
        {
            try
            {
                network.Validate();
            }
            catch (ArgumentException e)
            {
                throw new JsonException(e.Message.TrimEnd('.'), e);
            }
        }
    }

    private static bool IsFor(TypeContext context, int types) =>
        context.Radius is > 0 and <= TypeContext.LargestRadius
        && context.Weights?.Count == types
        && context.Weights.All(w => w?.Count == TypeContext.WeightsEach(types) && w.All(double.IsFinite));

    private static void RequireTypes(IReadOnlyList<ModelCard.NucleusType>? types)
    {
        Require(types is null || types.Count is >= 1 and <= MostTypes, $"types has 1 to {MostTypes} entries");
        foreach (var type in types ?? [])
        {
            Require(
                type is not null
                    && IsWord(type.Name)
                    && type.Colour is { Count: 3 }
                    && type.Colour.All(c => c is >= 0 and <= 255)
                    && (type.Also ?? []).All(IsWord),
                "each of types has a name and a colour of three numbers from 0 to 255");
        }

        // Results count and label nuclei by these names; that of the background stands nowhere.
        var names = (types ?? []).Skip(1).Select(t => t.Name).ToList();
        Require(names.All(n => !string.IsNullOrWhiteSpace(n)), "no name of types is empty");
        Require(names.Distinct(StringComparer.Ordinal).Count() == names.Count, "no two of types have the same name");
    }

    private static bool IsWord(string? word) => word is not null && word.Length <= LongestWord && !word.Any(char.IsControl);

    // They would go to terminals and logs as they are.
    private static bool HasControls(string? text) => text is null || text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));

    private static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new JsonException(rule);
        }
    }
}
