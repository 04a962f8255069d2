using HoverFast.Model;
using HoverFast.Training.Data;

namespace HoverFast.Training.Export;

/// <summary>Models that are given to everybody may owe nothing to data that not everybody may use.</summary>
internal static class Shipping
{
    /// <summary>Refuses data whose licence isn't known or forbids commercial use.</summary>
    /// <param name="data">All that the model owes something to.</param>
    /// <param name="where">The run, for the message.</param>
    /// <exception cref="TrainingException">There is such data.</exception>
    public static void Check(IEnumerable<ModelCard.DataUse> data, string where)
    {
        var bound = data.Where(d => d.Licence.Length == 0 || DataLicence.IsNonCommercial(d.Licence))
            .Select(d => $"{d.Name} ({(d.Licence.Length == 0 ? "licence not stated" : d.Licence)})")
            .Distinct()
            .ToList();
        if (bound.Count > 0)
        {
            throw new TrainingException(
                where,
                $"a model made of this run can't ship: {string.Join(", ", bound)}. Train without, or leave --for-shipping out for your own use.");
        }
    }
}
