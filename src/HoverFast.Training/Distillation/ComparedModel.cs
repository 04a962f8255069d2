using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Data;

namespace HoverFast.Training.Distillation;

/// <summary>A row of the comparison: a name and one model or several seeds of it, each run as it is used.</summary>
internal sealed record ComparedModel(string Name, IReadOnlyList<Teacher> Seeds) : IDisposable
{
    /// <summary>The nuclei that a model finds on a labelled image, at the image's own resolution.</summary>
    public static LabelImage Segment(Teacher model, LabelledImage image)
    {
        using var slide = new ImageSlide(image.Name, "picture", image.Image);
        var sampler = new SlideSampler(slide, image.Mpp, model.Mpp);
        var grid = sampler.Grid;
        return DrawnNuclei.Of(model.Predict(sampler, grid.Whole).Maps, grid.Mpp, image.Image.Size, grid.Scale);
    }

    public void Dispose()
    {
        foreach (var seed in Seeds)
        {
            seed.Dispose();
        }
    }
}
