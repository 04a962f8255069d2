namespace HoverFast.Stains;

/// <summary>
/// Optical densities of 8-bit channel values against white (Beer and Lambert's law). Black counts as 1: its density would be infinite.
/// </summary>
internal static class OpticalDensity
{
    /// <summary>Decadic densities (0 to 2.41) of the values 0 to 255, as QuPath has them.</summary>
    public static float[] Decadic { get; } = [.. Enumerable.Range(0, 256).Select(v => -MathF.Log10(Math.Max(v, 1) / 255f))];

    /// <summary>Natural densities (0 to 5.54) of the values 0 to 255.</summary>
    public static float[] Natural { get; } = [.. Enumerable.Range(0, 256).Select(v => -MathF.Log(Math.Max(v, 1) / 255f))];
}
