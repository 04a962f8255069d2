using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>The relief that the watershed floods: low in the middle of a nucleus, high at its edge and between touching nuclei.</summary>
internal static class Elevation
{
    /// <summary>Elevations are 0 to 127, on the scale of <see cref="NucleusMaps.HvScale"/>.</summary>
    public const int Levels = 128;

    /// <summary>
    /// For each pixel of the runs: max(|H|, |V|, -(fall of H over 2 reach pixels along x), -(the same of V along y)), the falls averaged over
    /// three neighbouring lines; and a mask that is 1 where the elevation is below <paramref name="seedElevation"/>.
    /// </summary>
    public static void Compute(NucleusMaps maps, ReadOnlySpan<ComponentLabeller.Run> runs, int reach, byte[] elevation, byte[] seedMask, byte seedElevation)
    {
        foreach (ref readonly var run in runs)
        {
            for (var x = run.Start; x < run.End; x++)
            {
                var at = (run.Row * maps.Width) + x;
                var e = At(maps, x, run.Row, reach);
                elevation[at] = e;
                seedMask[at] = e < seedElevation ? (byte)1 : (byte)0;
            }
        }
    }

    private static byte At(NucleusMaps maps, int x, int y, int reach)
    {
        var (w, h) = (maps.Width, maps.Height);
        var at = (y * w) + x;
        var (left, right) = (Math.Max(0, x - reach), Math.Min(w - 1, x + reach));
        var (up, down) = (Math.Max(0, y - reach), Math.Min(h - 1, y + reach));
        var (before, after) = (Math.Max(0, y - 1) * w, Math.Min(h - 1, y + 1) * w);
        var (beside, beyond) = (Math.Max(0, x - 1), Math.Min(w - 1, x + 1));
        int row = y * w;
        var fallX = maps.Horizontal[before + left] - maps.Horizontal[before + right]
            + maps.Horizontal[row + left] - maps.Horizontal[row + right]
            + maps.Horizontal[after + left] - maps.Horizontal[after + right];
        var fallY = maps.Vertical[(up * w) + beside] - maps.Vertical[(down * w) + beside]
            + maps.Vertical[(up * w) + x] - maps.Vertical[(down * w) + x]
            + maps.Vertical[(up * w) + beyond] - maps.Vertical[(down * w) + beyond];
        var e = Math.Max(Math.Abs((int)maps.Horizontal[at]), Math.Abs((int)maps.Vertical[at]));
        return (byte)Math.Min(Levels - 1, Math.Max(e, Math.Max(fallX, fallY) / 3));
    }
}
