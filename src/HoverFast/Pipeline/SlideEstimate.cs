namespace HoverFast.Pipeline;

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
}
