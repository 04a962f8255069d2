using System.Globalization;
using HoverFast.Evaluation;

namespace HoverFast.Training.Optimisation;

/// <summary>The scores of one validation set.</summary>
internal sealed record SetScore(string Set, double Pq, double Aji, double Dice, TypeAgreement? Types = null)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Set} PQ {Pq:0.000} AJI {Aji:0.000} Dice {Dice:0.000}{TypeWords}");

    private string TypeWords =>
        Types is null
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $" Fd {Types.Detection:0.000} accuracy {Types.Accuracy:0.000} Fc {string.Join(' ', Types.Types.Select((name, i) => OfType(name, Types.OfType(i + 1))))}");

    private static string OfType(string name, double score) => string.Create(CultureInfo.InvariantCulture, $"{name} {score:0.000}");
}
