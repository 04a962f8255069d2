namespace HoverFast.Review.Fields;

/// <summary>What is expected of the result in a field, without labels.</summary>
/// <param name="Pq">Expected panoptic quality, 0 to 1.</param>
/// <param name="Low">Lower end of its 80 % interval.</param>
/// <param name="High">Upper end.</param>
public sealed record ExpectedAccuracy(double Pq, double Low, double High);
