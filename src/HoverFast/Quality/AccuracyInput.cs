namespace HoverFast.Quality;

/// <summary>A figure that counts for the expected accuracy.</summary>
/// <param name="Name">Its name in <see cref="FieldFeatures.Names"/>.</param>
/// <param name="Mean">Its mean in the data of the fit.</param>
/// <param name="Deviation">Its standard deviation there.</param>
/// <param name="Pq">What a deviation is worth in PQ.</param>
/// <param name="Dice">What it is worth in Dice.</param>
internal sealed record AccuracyInput(string Name, double Mean, double Deviation, double Pq, double Dice);
