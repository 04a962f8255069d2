namespace HoverFast.Jobs;

/// <summary>A tile of a local validation with its figures; one without nuclei on either side has none.</summary>
/// <param name="Name">The tile's name.</param>
/// <param name="Labelled">Nuclei that people drew.</param>
/// <param name="Found">Nuclei that the model found.</param>
/// <param name="Dice">Dice of the nucleus pixels.</param>
/// <param name="Aji">Aggregated Jaccard index.</param>
/// <param name="F1">F1 of nuclei, intersection over union above 0.5.</param>
/// <param name="Pq">Panoptic quality.</param>
public sealed record ValidatedTile(string Name, int Labelled, int Found, double? Dice, double? Aji, double? F1, double? Pq);
