using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tiles;
using HoverFast.Training.Data;
using HoverFast.Training.Networks;
using static TorchSharp.torch;

namespace HoverFast.Training.Optimisation;

/// <summary>Scores a network on labelled images as a user would get them: true resampling, the product's post-processing, labels at full resolution.</summary>
internal sealed class Validation(IReadOnlyList<DataSet> sets, Mpp workingMpp, IReadOnlyList<ModelCard.NucleusType>? types = null, double typeShare = 0)
{
    /// <summary>Mirrored pixels around an image; more than the network sees of its surroundings would cost time and change nothing much.</summary>
    private const int Halo = 48;

    private readonly List<(DataSet Set, List<WorkingImage> Images)> _sets =
        [.. sets.Select(s => (s, s.Images.Select(i => WorkingImage.Of(i, workingMpp)).ToList()))];

    /// <summary>Scores a network under training.</summary>
    public List<SetScore> Score(UNet network) =>
        Score((image, rule) => Find(image, picture => Predict(network, picture), network.Architecture.Stride, network.Architecture.OutputStride, rule));

    /// <summary>Scores a finished model, as the product would segment with it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="context">How what lies around a nucleus counts for its type; null where its own pixels alone vote.</param>
    public List<SetScore> Score(NucleusModel model, TypeContext? context = null) => Score((image, rule) => Find(image, model, rule with { Context = context }));

    /// <summary>The maps of a picture whose sides are multiples of the network's stride.</summary>
    internal static NucleusMaps Predict(UNet network, RgbImage picture)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var rgb = Array.ConvertAll(picture.Span.ToArray(), v => v / 255f);
        var answer = network.Answer(Batches.Pack([rgb], picture.Width, picture.Height, network.Architecture, network.Device), training: false);
        var output = answer.Maps;
        output.select(1, 0).sigmoid_();
        var data = output.cpu().contiguous().data<float>().ToArray();
        var (width, height) = (picture.Width / network.Architecture.OutputStride, picture.Height / network.Architecture.OutputStride);
        var maps = new NucleusMaps(width, height, types: answer.Types is { } logits ? Types(logits, network.Architecture.TypeStride, width, height) : null);
        for (var i = 0; i < width * height; i++)
        {
            maps.Probability[i] = (byte)MathF.Round(data[i] * NucleusMaps.ProbabilityScale);
            maps.Horizontal[i] = Hv(data[(width * height) + i]);
            maps.Vertical[i] = Hv(data[(2 * width * height) + i]);
        }

        return maps;
    }

    private List<SetScore> Score(Func<WorkingImage, TypeRule, IReadOnlyList<Nucleus>> find) =>
        _sets.ConvertAll(set =>
        {
            var found = set.Images.ConvertAll(i => Known(i.Truth, find(i, new TypeRule(typeShare, types?.Count ?? 0))));
            var report = new EvaluationReport(found.Select(f => (f.Truth.Name, SegmentationMetrics.Compare(f.Known.Truth, f.Known.Found))));
            var typed = found.Where(f => types is not null && f.Truth.Types.Count > 0).Select(f => Agreement(f.Truth, f.Found)).ToList();
            return new SetScore(
                set.Set.Configuration.Name,
                report.PanopticQuality.Mean,
                report.Aji.Mean,
                report.Dice.Mean,
                typed.Count == 0 ? null : typed.Aggregate((a, b) => a + b));
        });

    private static (LabelledImage Truth, KnownLabels Known, IEnumerable<Nucleus> Found) Known(LabelledImage truth, IReadOnlyList<Nucleus> found)
    {
        var known = truth.Known(DrawnNuclei.Draw(found, truth.Image.Size));
        return (truth, known, found.Where((_, i) => !known.LeftOut.Contains(i + 1)));
    }

    private static byte[] Types(Tensor logits, int step, int width, int height)
    {
        var answers = logits.argmax(1).cpu().contiguous().data<long>().ToArray();
        var types = new byte[width * height];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = (byte)(answers[(i / width / step * (width / step)) + (i % width / step)] + 1);
        }

        return types;
    }

    private TypeAgreement Agreement(LabelledImage truth, IEnumerable<Nucleus> found) => TypeAgreement.Of(
        truth.TypedNuclei,
        [.. found.Select(n => new TypedNucleus(n.Centroid, n.Type))],
        [.. types!.Select(t => t.Name)],
        TypeAgreement.Radius / truth.Mpp.MicronsPerPixel);

    /// <summary>The nuclei that a model finds on a labelled image, at the image's own resolution.</summary>
    internal static LabelImage Segment(NucleusModel model, LabelledImage image) =>
        DrawnNuclei.Draw(Find(model, image, types: null), image.Image.Size);

    /// <summary>The nuclei that a model finds on a labelled image, in its pixels, with types by a rule, or without.</summary>
    internal static List<Nucleus> Find(NucleusModel model, LabelledImage image, TypeRule? types) =>
        Find(WorkingImage.Of(image, new Mpp(model.Card.Mpp)), model, types);

    /// <summary>What a network under training finds: nobody knows yet how likely its nuclei are right, so that none is left out.</summary>
    private static List<Nucleus> Find(WorkingImage image, Func<RgbImage, NucleusMaps> run, int stride, int outputStride, TypeRule? types)
    {
        var (maps, _, rect) = Look(image, run, stride, outputStride);
        var grid = image.Grid;
        return DrawnNuclei.Find(maps, new Mpp(grid.Mpp.MicronsPerPixel * outputStride), grid.Scale * outputStride, -rect.X * grid.Scale, types);
    }

    /// <summary>What a model finds in the product, the unlikely left out where match probabilities hold for it.</summary>
    private static List<Nucleus> Find(WorkingImage image, NucleusModel model, TypeRule? types)
    {
        var (maps, picture, rect) = Look(image, model.Run, model.Card.Stride, model.Card.OutputStride);
        var grid = image.Grid;
        var finder = new TileFinder(grid, model.Card, new FinderSettings(), static (_, _) => true, types);
        var found = finder.Find(maps, picture, new Tile(0, grid.Whole, rect, OwnedArea.Everything)).Nuclei;
        return [.. found.Select(n => n.Transformed(grid.Scale, rect.X * grid.Scale, rect.Y * grid.Scale))];
    }

    /// <summary>Shows an image to a network: its maps, the picture with what is mirrored around it, and where that lies.</summary>
    private static (NucleusMaps Maps, RgbImage Picture, WorkingRect Rect) Look(
        WorkingImage image,
        Func<RgbImage, NucleusMaps> run,
        int stride,
        int outputStride)
    {
        var grid = image.Grid;
        var halo = (Halo + stride - 1) / stride * stride;
        var rect = new WorkingRect(-halo, -halo, RoundUp(grid.Size.Width + (2 * halo)), RoundUp(grid.Size.Height + (2 * halo)));
        var picture = new RgbImage(rect.Width, rect.Height);
        for (var y = 0; y < grid.Size.Height; y++)
        {
            image.Picture.Row(y).CopyTo(picture.Row(y + halo)[(halo * 3)..]);
        }

        return (SlideBorder.Run(picture, rect, grid, run, margin: 0, outputStride), picture, rect);

        int RoundUp(int side) => (side + stride - 1) / stride * stride;
    }

    private static sbyte Hv(float value) => (sbyte)Math.Clamp(MathF.Round(value * NucleusMaps.HvScale), -127, 127);

    /// <summary>A labelled image as the network sees it.</summary>
    private sealed record WorkingImage(LabelledImage Truth, WorkingGrid Grid, RgbImage Picture)
    {
        public static WorkingImage Of(LabelledImage image, Mpp workingMpp)
        {
            using var slide = new ImageSlide(image.Name, "picture", image.Image);
            var sampler = new SlideSampler(slide, image.Mpp, workingMpp);
            return new WorkingImage(image, sampler.Grid, sampler.Read(sampler.Grid.Whole));
        }
    }
}
