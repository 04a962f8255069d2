using HoverFast.Slides;

namespace HoverFast.Synthetic;

/// <summary>A drawn picture of H&amp;E-like tissue, to try the program on.</summary>
public static class SamplePicture
{
    /// <summary>Draws a square picture as PNG.</summary>
    /// <param name="path">The file; its folder is made if it is missing.</param>
    /// <param name="side">Pixels on a side.</param>
    /// <param name="mpp">Pixel size.</param>
    /// <param name="seed">Another seed draws other tissue.</param>
    /// <returns>Nuclei drawn.</returns>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static int Write(string path, int side, Mpp mpp, int seed)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var tissue = DrawnTissue.Draw(side, side, mpp, seed);
        RgbImageFile.WritePng(path, tissue.Image);
        return tissue.Nuclei.Count;
    }
}
