namespace HoverFast.Jobs;

/// <summary>What segmenting a slide will take, as far as one can tell before.</summary>
/// <param name="TissueArea">Tissue to search, in square millimetres.</param>
/// <param name="Tiles">Tiles to search.</param>
/// <param name="Seconds">Wall-clock seconds on this machine.</param>
/// <param name="Nuclei">Nuclei.</param>
/// <param name="PeakMemory">Bytes of memory.</param>
public sealed record SlideEstimate(double TissueArea, int Tiles, double Seconds, long Nuclei, long PeakMemory)
{
    /// <summary>Size of the outputs in bytes, where it was measured.</summary>
    public long OutputBytes { get; init; }

    /// <summary>What several slides will take, one after the other.</summary>
    public static SlideEstimate Sum(IEnumerable<SlideEstimate> estimates)
    {
        var all = estimates.ToList();
        return new SlideEstimate(
            all.Sum(e => e.TissueArea),
            all.Sum(e => e.Tiles),
            all.Sum(e => e.Seconds),
            all.Sum(e => e.Nuclei),
            all.Select(e => e.PeakMemory).DefaultIfEmpty().Max())
        {
            OutputBytes = all.Sum(e => e.OutputBytes),
        };
    }
}
