namespace HoverFast.Evaluation;

/// <summary>A square of a slide and what two results have in it; a nucleus belongs to the square of its centroid.</summary>
/// <param name="Column">Which square, from the left edge of the slide's bounds; from 0.</param>
/// <param name="Row">From the upper edge.</param>
/// <param name="Matched">Pairs of nuclei that agree, by the first one's centroid.</param>
/// <param name="FirstAlone">Nuclei of the first result without a partner.</param>
/// <param name="SecondAlone">Nuclei of the second result without a partner.</param>
/// <param name="DrawnOtherwise">Those of both among them that the other result has with another outline (intersection over union above a half).</param>
public readonly record struct DifferenceField(int Column, int Row, int Matched, int FirstAlone, int SecondAlone, int DrawnOtherwise)
{
    /// <summary>Nuclei of both results.</summary>
    public int Nuclei => (2 * Matched) + FirstAlone + SecondAlone;

    /// <summary>Share of both results' nuclei that have a partner (F1), 0 to 1.</summary>
    public double Agreement => 2.0 * Matched / Nuclei;
}
