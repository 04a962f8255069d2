namespace HoverFast.Training.Trust;

/// <summary>A nucleus that was drawn, before any is left out, with its evidence, and how it lies on a person's outlines.</summary>
/// <param name="Evidence">The evidence (<see cref="HoverFast.Quality.NucleusEvidence"/>).</param>
/// <param name="Iou">Intersection over union with the labelled nucleus that it matches; 0 where none has more than 0.5 with it.</param>
/// <param name="Area">Area in square microns.</param>
/// <param name="Pixels">Pixels of the picture that it covers.</param>
/// <param name="Shared">Those of them that any labelled nucleus covers too.</param>
internal sealed record JudgedNucleus(double[] Evidence, double Iou, double Area = 0, long Pixels = 0, long Shared = 0)
{
    /// <summary>Whether a labelled nucleus has an IoU above 0.5 with it.</summary>
    public bool IsMatched => Iou > 0;
}
