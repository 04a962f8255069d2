namespace HoverFast.Quality;

/// <summary>A figure that counts for the domain shift.</summary>
/// <param name="Name">Its name in <see cref="FieldFeatures.Names"/>.</param>
/// <param name="Mean">Its mean in what students learned from.</param>
/// <param name="Deviation">Its standard deviation there.</param>
internal sealed record ShiftInput(string Name, double Mean, double Deviation);
