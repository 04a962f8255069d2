using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>The nuclei on a network's maps as a label image, by the product's own post-processing.</summary>
internal static class DrawnNuclei
{
    /// <summary>Finds the nuclei and fills their outlines with 1, 2, ...</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="mapMpp">Their pixel size.</param>
    /// <param name="size">Pixels of the label image.</param>
    /// <param name="scale">Label pixels on a side of a map pixel.</param>
    /// <param name="offset">Label pixels that the maps' corner lies beyond the image's, to the left and above.</param>
    public static LabelImage Of(NucleusMaps maps, Mpp mapMpp, PixelSize size, double scale = 1, double offset = 0)
    {
        var labels = new LabelImage(size.Width, size.Height);
        var label = 0;
        foreach (var nucleus in new NucleusFinder(mapMpp).Find(maps))
        {
            LabelPainter.Fill(labels, nucleus.Transformed(scale, -offset, -offset).Contour, ++label);
        }

        return labels;
    }
}
