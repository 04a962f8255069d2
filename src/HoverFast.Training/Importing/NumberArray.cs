namespace HoverFast.Training.Importing;

/// <summary>Numbers in rows: the last dimension lies together, as in NumPy.</summary>
/// <param name="Shape">Length of each dimension.</param>
/// <param name="Values">The numbers.</param>
internal sealed record NumberArray(IReadOnlyList<int> Shape, double[] Values);
