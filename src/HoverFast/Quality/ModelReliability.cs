using HoverFast.Model;

namespace HoverFast.Quality;

/// <summary>
/// How well a model's match probabilities hold: on labelled pictures of sets that neither the model nor the calibration saw, each left out of the fit in turn.
/// </summary>
/// <param name="Nuclei">Nuclei that were judged.</param>
/// <param name="Error">Expected calibration error over ten bins of equal width (Guo et al., ICML 2017).</param>
/// <param name="Bins">The bins that hold nuclei, the lowest probability first.</param>
public sealed record ModelReliability(int Nuclei, double Error, IReadOnlyList<ReliabilityBin> Bins)
{
    /// <summary>What is known of a model; null where its probabilities were never held against labels.</summary>
    /// <param name="model">The model's card.</param>
    public static ModelReliability? Of(ModelCard model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return MatchCalibration.BuiltIn.Reliability.FirstOrDefault(r => r.Model == model.Name && r.Set == "all") is not { } all
            ? null
            : new ModelReliability(
                all.Nuclei,
                all.Error,
                [
                    .. all.Diagram
                        .Select((bin, i) => new ReliabilityBin((double)i / all.Diagram.Count, (double)(i + 1) / all.Diagram.Count, (int)bin[0], bin[1], bin[2]))
                        .Where(b => b.Nuclei > 0),
                ]);
    }
}
