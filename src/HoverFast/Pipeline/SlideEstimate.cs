namespace HoverFast.Pipeline;

/// <summary>What segmenting a slide will take, as far as one can tell before.</summary>
/// <param name="TissueArea">Tissue to search, in square millimetres.</param>
/// <param name="Tiles">Tiles to search.</param>
/// <param name="Seconds">Wall-clock seconds on this machine.</param>
/// <param name="Nuclei">Nuclei.</param>
/// <param name="PeakMemory">Bytes of memory.</param>
public sealed record SlideEstimate(double TissueArea, int Tiles, double Seconds, long Nuclei, long PeakMemory)
{
    /// <summary>A nucleus in compressed GeoJSON, in bytes, with the basic measurements.</summary>
    public const int BytesPerNucleus = 165;

    /// <summary>Size of the compressed GeoJSON, in bytes.</summary>
    public long OutputBytes => Nuclei * BytesPerNucleus;
}
