using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Nuclei;

/// <summary>On maps made from real labels plus noise, against what the two published systems make of the same maps.</summary>
public sealed class PostProcessingParityTests
{
    private static readonly Mpp _mpp = new(0.25);

    [Theory]
    [InlineData("consep_train_3")]
    [InlineData("tnbc_04_2")]
    public void IsAtLeastAsGoodAsHoverNetsPostProcessing(string name)
    {
        var folder = SharedData.Require("parity", "postprocess");
        var truth = LabelImageFile.Read(Path.Combine(folder, name + "_labels.png"));
        var hoverNet = SegmentationMetrics.Compare(truth, LabelImageFile.Read(Path.Combine(folder, name + "_hovernet_instances.png")), _mpp);
        var (shape, probability) = NumpyFile.Read(Path.Combine(folder, name + "_maps.npz"), "prob");
        var (_, hv) = NumpyFile.Read(Path.Combine(folder, name + "_maps.npz"), "hv");
        var pixels = shape[0] * shape[1];
        var maps = new NucleusMaps(
            shape[1],
            shape[0],
            [.. probability.Select(p => (byte)Math.Clamp(MathF.Round(p * NucleusMaps.ProbabilityScale), 0, 255))],
            [.. hv.Take(pixels).Select(Hv)],
            [.. hv.Skip(pixels).Select(Hv)]);

        // HoverNet keeps everything from 10 pixels on; its maps here are at 0.25 um/px and raw, so nothing is simplified.
        var settings = new FinderSettings { MinArea = 10 * 0.25 * 0.25, MinMeanProbability = 0.5, OutlineTolerance = 0 };
        var ours = new LabelImage(shape[1], shape[0]);
        foreach (var nucleus in new NucleusFinder(_mpp, settings).Find(maps))
        {
            LabelPainter.Fill(ours, nucleus.Contour, ours.Labels.Max() + 1);
        }

        var metrics = SegmentationMetrics.Compare(truth, ours, _mpp);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: PQ {metrics.PanopticQuality:0.0000}, HoverNet's post-processing {hoverNet.PanopticQuality:0.0000}");

        Assert.True(metrics.PanopticQuality >= hoverNet.PanopticQuality, $"ours {metrics.PanopticQuality}, HoverNet {hoverNet.PanopticQuality}");

        static sbyte Hv(float v) => (sbyte)Math.Clamp(MathF.Round(v * NucleusMaps.HvScale), -127, 127);
    }
}
