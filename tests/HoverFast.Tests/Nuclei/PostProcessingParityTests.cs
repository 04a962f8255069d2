using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Nuclei;

/// <summary>On maps made from real labels plus noise, against what the two published systems make of the same maps.</summary>
public sealed class PostProcessingParityTests
{
    private static readonly Mpp _mpp = new(0.25);

    /// <summary>A small part of such maps lies in the repository (Maps/README.md), with HoverNet's answer to the whole.</summary>
    [Fact]
    public void IsAboutAsGoodOnTheMapsInTheRepository()
    {
        var (probability, horizontal, vertical) = (Read("probability"), Read("horizontal"), Read("vertical"));
        var maps = new NucleusMaps(
            probability.Width,
            probability.Height,
            [.. probability.Labels.Select(p => (byte)p)],
            [.. horizontal.Labels.Select(h => (sbyte)(h - 128))],
            [.. vertical.Labels.Select(v => (sbyte)(v - 128))]);

        // What the edge of the part cuts says nothing: HoverNet saw more of it.
        var (ours, theirs) = Compare(maps, Read("labels"), Read("hovernet"), WithoutEdge);
        Assert.InRange(theirs.TruthCount, 50, 80);
        Assert.InRange(ours.PanopticQuality, theirs.PanopticQuality - 0.005, 1);

        static LabelImage Read(string name) => LabelImageFile.Read(Path.Combine(AppContext.BaseDirectory, "Nuclei", "Maps", name + ".png"));
    }

    [Theory]
    [InlineData("consep_train_3")]
    [InlineData("tnbc_04_2")]
    public void IsAtLeastAsGoodAsHoverNetsPostProcessing(string name)
    {
        var folder = SharedData.Require("parity", "postprocess");
        var truth = LabelImageFile.Read(Path.Combine(folder, name + "_labels.png"));
        var hoverNet = LabelImageFile.Read(Path.Combine(folder, name + "_hovernet_instances.png"));
        var (shape, probability) = NumpyFile.Read(Path.Combine(folder, name + "_maps.npz"), "prob");
        var (_, hv) = NumpyFile.Read(Path.Combine(folder, name + "_maps.npz"), "hv");
        var pixels = shape[0] * shape[1];
        var maps = new NucleusMaps(
            shape[1],
            shape[0],
            [.. probability.Select(p => (byte)Math.Clamp(MathF.Round(p * NucleusMaps.ProbabilityScale), 0, 255))],
            [.. hv.Take(pixels).Select(Hv)],
            [.. hv.Skip(pixels).Select(Hv)]);

        var (ours, theirs) = Compare(maps, truth, hoverNet, labels => labels);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{name}: PQ {ours.PanopticQuality:0.0000}, HoverNet's post-processing {theirs.PanopticQuality:0.0000}");
        Assert.True(ours.PanopticQuality >= theirs.PanopticQuality, $"ours {ours.PanopticQuality}, HoverNet {theirs.PanopticQuality}");

        static sbyte Hv(float v) => (sbyte)Math.Clamp(MathF.Round(v * NucleusMaps.HvScale), -127, 127);
    }

    /// <summary>Our score and HoverNet's, on the labels that are looked at.</summary>
    private static (SegmentationScore Ours, SegmentationScore Theirs) Compare(
        NucleusMaps maps,
        LabelImage truth,
        LabelImage hoverNet,
        Func<LabelImage, LabelImage> look)
    {
        // HoverNet keeps everything from 10 pixels on; its maps here are at 0.25 um/px and raw, so nothing is simplified.
        var settings = new FinderSettings { MinArea = 10 * 0.25 * 0.25, MinMeanProbability = 0.5, OutlineTolerance = 0 };
        var ours = new LabelImage(maps.Width, maps.Height);
        foreach (var nucleus in new NucleusFinder(_mpp, settings).Find(maps))
        {
            LabelPainter.Fill(ours, nucleus.Contour, ours.Labels.Max() + 1);
        }

        return (SegmentationMetrics.Compare(look(truth), look(ours), _mpp), SegmentationMetrics.Compare(look(truth), look(hoverNet), _mpp));
    }

    /// <summary>The labels that don't touch the picture's edge.</summary>
    private static LabelImage WithoutEdge(LabelImage labels)
    {
        var (width, height) = (labels.Width, labels.Height);
        var cut = Enumerable.Range(0, width).SelectMany(x => (int[])[labels.Labels[x], labels.Labels[((height - 1) * width) + x]])
            .Concat(Enumerable.Range(0, height).SelectMany(y => (int[])[labels.Labels[y * width], labels.Labels[(y * width) + width - 1]]))
            .ToHashSet();
        var inside = new LabelImage(width, height);
        for (var i = 0; i < labels.Labels.Length; i++)
        {
            inside.Labels[i] = cut.Contains(labels.Labels[i]) ? 0 : labels.Labels[i];
        }

        return inside;
    }
}
