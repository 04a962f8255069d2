namespace HoverFast.Quality;

/// <summary>A figure of fields with the scale on which it is compared.</summary>
/// <param name="Name">Its name in <see cref="FieldFeatures.Names"/>.</param>
/// <param name="Mean">Its mean in what students learned from.</param>
/// <param name="Deviation">Its standard deviation there.</param>
internal sealed record ScaledFigure(string Name, double Mean, double Deviation);
