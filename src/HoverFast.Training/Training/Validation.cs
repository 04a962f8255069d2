using HoverFast.Evaluation;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Networks;
using static TorchSharp.torch;

namespace HoverFast.Training.Training;

/// <summary>Scores a network on labelled images as a user would get them: true resampling, the product's post-processing, labels at full resolution.</summary>
internal sealed class Validation(IReadOnlyList<DataSet> sets, Mpp workingMpp)
{
    private const int Mirror = 32;
    private readonly List<(DataSet Set, List<WorkingImage> Images)> _sets =
        [.. sets.Select(s => (s, s.Images.Select(i => WorkingImage.Of(i, workingMpp)).ToList()))];

    public List<SetScore> Score(UNet network) => Score(network, null);

    public List<SetScore> Score(UNet network, FinderSettings? settings)
    {
        var scores = new List<SetScore>();
        foreach (var (set, images) in _sets)
        {
            var report = new EvaluationReport(images.Select(i => (i.Truth.Name, SegmentationMetrics.Compare(i.Truth.Labels, Segment(network, i, settings)))));
            scores.Add(new SetScore(set.Configuration.Name, report.PanopticQuality.Mean, report.Aji.Mean, report.Dice.Mean));
        }

        return scores;
    }

    private static LabelImage Segment(UNet network, WorkingImage image, FinderSettings? settings)
    {
        var step = network.Architecture.OutputStride;
        var maps = Predict(network, image.Picture, Mirror);
        var labels = new LabelImage(image.Truth.Image.Width, image.Truth.Image.Height);
        var label = 0;
        foreach (var nucleus in new NucleusFinder(new Mpp(image.Grid.Mpp.MicronsPerPixel * step), settings).Find(maps))
        {
            OutlineRasteriser.Fill(labels, nucleus.Transformed(image.Grid.Scale * step, 0, 0).Contour, ++label);
        }

        return labels;
    }

    /// <summary>The maps of a picture at working resolution, surrounded by <paramref name="mirror"/> pixels of its mirror image.</summary>
    internal static NucleusMaps Predict(UNet network, RgbImage working, int mirror)
    {
        var stride = network.Architecture.Stride;
        var width = RoundUp(working.Width + (2 * mirror), stride);
        var height = RoundUp(working.Height + (2 * mirror), stride);
        var rgb = new float[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var from = ((Reflect(y - mirror, working.Height) * working.Width) + Reflect(x - mirror, working.Width)) * 3;
                for (var c = 0; c < 3; c++)
                {
                    rgb[(((y * width) + x) * 3) + c] = working.Pixels[from + c] / 255f;
                }
            }
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var input = Batches.Pack([rgb], width, height, network.Architecture, network.Device);
        var output = network.Forward(input, training: false);
        output.select(1, 0).sigmoid_();
        var data = output.cpu().contiguous().data<float>().ToArray();
        var step = network.Architecture.OutputStride;
        var (w, h) = ((working.Width + step - 1) / step, (working.Height + step - 1) / step);
        var (mapWidth, mapHeight) = (width / step, height / step);
        var maps = new NucleusMaps(w, h);
        for (var y = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++)
            {
                var from = ((y + (mirror / step)) * mapWidth) + x + (mirror / step);
                var to = (y * w) + x;
                maps.Probability[to] = (byte)MathF.Round(data[from] * NucleusMaps.ProbabilityScale);
                maps.Horizontal[to] = Hv(data[(mapWidth * mapHeight) + from]);
                maps.Vertical[to] = Hv(data[(2 * mapWidth * mapHeight) + from]);
            }
        }

        return maps;
    }

    private static sbyte Hv(float value) => (sbyte)Math.Clamp(MathF.Round(value * NucleusMaps.HvScale), -127, 127);

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;

    private static int Reflect(int i, int n)
    {
        var period = 2 * n;
        i = ((i % period) + period) % period;
        return i < n ? i : period - 1 - i;
    }

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
