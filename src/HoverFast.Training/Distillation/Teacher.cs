using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Training.Data;

namespace HoverFast.Training.Distillation;

/// <summary>
/// One model or several, run on each picture in several turned views; the answer is the mean of all. Any model that
/// <see cref="NucleusModel"/> runs can teach: our own networks, or an imported HoVer-Net.
/// </summary>
internal sealed class Teacher : IDisposable
{
    /// <summary>Surroundings that a tile is given, in working pixels, beside what the network's margin asks for.</summary>
    private const int Context = 48;

    private readonly IReadOnlyList<NucleusModel> _models;
    private readonly IReadOnlyList<TestTimeAugmentation> _views;

    /// <summary>Takes the models over.</summary>
    /// <param name="models">The models.</param>
    /// <param name="views">Turned views that each sees, 1 to 8.</param>
    /// <param name="shownAt">Pixel size at which they are shown tissue; null for that of their cards. A little finer, they part small, crowded nuclei
    /// better.</param>
    /// <exception cref="ModelException">They don't work at one pixel size and none is given, or give maps of a coarser grid.</exception>
    public Teacher(IReadOnlyList<NucleusModel> models, int views, Mpp? shownAt = null)
    {
        _models = models;
        Mpp = shownAt ?? new Mpp(models[0].Card.Mpp);
        _views = TestTimeAugmentation.First(views);
        foreach (var model in models)
        {
            if (model.Card.OutputStride != 1 || (shownAt is null && model.Card.Mpp != models[0].Card.Mpp))
            {
                throw new ModelException(
                    model.Path,
                    $"can't teach beside {models[0].Path}: teachers give maps at full resolution and work at one mpp, their own or that of --teacher-mpp.");
            }
        }
    }

    /// <summary>Turned views that each model sees.</summary>
    public int Views => _views.Count;

    /// <summary>Pixel size at which the teacher works.</summary>
    public Mpp Mpp { get; }

    /// <summary>Name and hash of each model, for manifests.</summary>
    public IEnumerable<string> Identity => _models.Select(m => $"{m.Card.Name} {m.Card.Sha256}");

    /// <summary>Predicts the maps of a part of a slide. Beyond the slide's edge lies its mirror image, as when segmenting.</summary>
    /// <param name="sampler">The slide on the teacher's working grid.</param>
    /// <param name="rect">The part; lies on the slide.</param>
    /// <returns>Maps of the part.</returns>
    public SoftMaps Predict(SlideSampler sampler, WorkingRect rect)
    {
        var margin = _models.Max(m => m.Card.Margin);
        var stride = _models.Select(m => m.Card.Stride).Aggregate(LeastCommonMultiple);
        var least = _models.Max(m => m.Card.FixedInput ?? 0);
        var halo = RoundUp(Context + margin);
        var side = new WorkingRect(
            rect.X - halo,
            rect.Y - halo,
            RoundUp(Math.Max(least, rect.Width + (2 * halo))),
            RoundUp(Math.Max(least, rect.Height + (2 * halo))));
        var picture = sampler.Read(side);
        SlideBorder.Mirror(picture, side, sampler.Grid.Covered);
        return Predict(picture).Part(halo, halo, rect.Width, rect.Height);

        int RoundUp(int pixels) => (pixels + stride - 1) / stride * stride;
    }

    /// <summary>Predicts the maps of a picture whose sides suit all models. Where a model has a margin, the maps are zero there.</summary>
    public SoftMaps Predict(RgbImage picture)
    {
        var answers = new AnswerMean(picture.Width, picture.Height);
        foreach (var view in _views)
        {
            var turned = view.Apply(picture);
            foreach (var model in _models)
            {
                answers.Add(view.Invert(Framed(model.Run(turned), turned.Size, model.Card.Margin)));
            }
        }

        return answers.Mean();
    }

    public void Dispose()
    {
        foreach (var model in _models)
        {
            model.Dispose();
        }
    }

    private static NucleusMaps Framed(NucleusMaps maps, PixelSize size, int margin)
    {
        if (margin == 0)
        {
            return maps;
        }

        var framed = new NucleusMaps(size.Width, size.Height, types: maps.Types is null ? null : new byte[size.Width * size.Height]);
        maps.CopyBlock(0, 0, maps.Width, maps.Height, framed, margin, margin);
        return framed;
    }

    private static int LeastCommonMultiple(int a, int b)
    {
        var (x, y) = (a, b);
        while (y != 0)
        {
            (x, y) = (y, x % y);
        }

        return a / x * b;
    }
}
