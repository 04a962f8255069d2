namespace HoverFast.Quality;

/// <summary>
/// Tells the tissue that a model was adapted to from other tissue by the figures of a place: logistic regression against tissue that the model's start
/// learned, and a limit on how far from the own tissue a place may lie, so that tissue which neither has seen is not taken for the own. Thread safe.
/// </summary>
internal sealed class TissueRecogniser
{
    /// <summary>Share of the places that must look like the own tissue.</summary>
    public const double Enough = 0.5;

    private readonly TissueCard _card;
    private readonly FigureScale _scale;

    /// <summary>Prepares it.</summary>
    /// <exception cref="InvalidDataException">The card's numbers don't belong together, or it names a figure that there is none of.</exception>
    public TissueRecogniser(TissueCard card)
    {
        _card = card;
        _scale = new FigureScale(card.Inputs);
        if (!IsRow(card.Weights)
            || !IsRow(card.Own)
            || card.Precision.Count != card.Inputs.Count
            || !card.Precision.All(IsRow)
            || !double.IsFinite(card.Constant + card.Limit + card.CutOff)
            || !card.Inputs.All(i => double.IsFinite(i.Mean) && i.Deviation > 0))
        {
            throw new InvalidDataException("The numbers by which a model knows its tissue don't belong together.");
        }
    }

    /// <summary>Whether something can be said of a place: it has tissue and nuclei.</summary>
    public static bool IsTelling(FieldSums place) => place[FieldNumber.Stained] >= QualityJudge.FewPixels && place[FieldNumber.Nuclei] > 0;

    /// <summary>The share of some places that looks like the own tissue, by their stained area, 0 to 1; null where nothing can be said of any.</summary>
    /// <param name="places">Their sums.</param>
    public double? OwnShare(IEnumerable<FieldSums> places)
    {
        var (own, all) = (0L, 0L);
        foreach (var place in places.Where(IsTelling))
        {
            all += place[FieldNumber.Stained];
            own += IsOwn(place) ? place[FieldNumber.Stained] : 0;
        }

        return all == 0 ? null : (double)own / all;
    }

    /// <summary>Whether at least half of some places looks like the own tissue, by <see cref="OwnShare"/>.</summary>
    /// <param name="places">Their sums.</param>
    public bool AreOwn(IEnumerable<FieldSums> places) => OwnShare(places) >= Enough;

    // Whether a place looks like the own tissue.
    private bool IsOwn(FieldSums place)
    {
        var scaled = _scale.Of(FieldFeatures.Of(place));
        return Evidence(scaled) > 0 && FigureScale.Distance(scaled, _card.Own, _card.Precision) <= _card.Limit;
    }

    private double Evidence(double[] scaled)
    {
        var sum = _card.Constant;
        for (var i = 0; i < scaled.Length; i++)
        {
            sum += _card.Weights[i] * Math.Clamp(scaled[i], -_card.CutOff, _card.CutOff);
        }

        return sum;
    }

    private bool IsRow(IReadOnlyList<double> row) => row.Count == _card.Inputs.Count && row.All(double.IsFinite);
}
