namespace HoverFast.Stains;

/// <summary>
/// Optical densities of the pure stains in R, G, B, of unit length, as published (Ruifrok and Johnston, Anal Quant Cytol Histol 2001).
/// </summary>
internal static class StainVectors
{
    public static IReadOnlyList<double> Haematoxylin { get; } = [0.650, 0.704, 0.286];

    public static IReadOnlyList<double> Eosin { get; } = [0.072, 0.990, 0.105];

    /// <summary>Diaminobenzidine; also what takes up the rest of an H&amp;E pixel.</summary>
    public static IReadOnlyList<double> Dab { get; } = [0.268, 0.570, 0.776];
}
