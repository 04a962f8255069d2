using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
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
        return Draw(Find(maps, mapMpp, scale, offset), size);
    }

    /// <summary>The nuclei themselves, in pixels of such a label image.</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="mapMpp">Their pixel size.</param>
    /// <param name="scale">Label pixels on a side of a map pixel.</param>
    /// <param name="offset">Label pixels that the maps' corner lies beyond the image's, to the left and above.</param>
    /// <param name="types">How pixels vote for a nucleus's type.</param>
    public static List<Nucleus> Find(NucleusMaps maps, Mpp mapMpp, double scale, double offset, TypeRule? types = null) =>
        new NucleusFinder(mapMpp, types: types).Find(maps).ConvertAll(n => n.Transformed(scale, -offset, -offset));

    /// <summary>Fills outlines with 1, 2, ...</summary>
    public static LabelImage Draw(IEnumerable<Nucleus> nuclei, PixelSize size)
    {
        var labels = new LabelImage(size.Width, size.Height);
        var label = 0;
        foreach (var nucleus in nuclei)
        {
            LabelPainter.Fill(labels, nucleus.Contour, ++label);
        }

        return labels;
    }
}
