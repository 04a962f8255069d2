using System.Text.Json;
using HoverFast.Cli;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>The command on drawn tissue that the start can tell from what it learned.</summary>
public sealed class AdaptKnownTissueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AdaptKnownTissueTests() => LibTorch.Prepare(1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AModelThatKnowsItsTissueLeavesOtherTissueToItsStart()
    {
        var tiles = HalfPale("tiles", first: 1, count: 4);
        string[] options = ["--rate", "1e-2", "--runs", "2"];
        string[] fast = [.. options, "--model", "hoverfast-he-fast"];
        var output = Path.Combine(_folder.Path, "ours.onnx");
        Assert.Equal(ExitCode.Success, await AdaptTests.Adapt(tiles, [.. fast, "--steps", "10", "-o", output]));

        // Both precisions carry the start of their own, and say so.
        using var adapted = NucleusModel.Load(output);
        using var integers = NucleusModel.Load(Path.Combine(_folder.Path, "ours-int8.onnx"));
        var (floats, eights) = (ModelCatalog.CardOf("hoverfast-he-fast-float32"), ModelCatalog.CardOf("hoverfast-he-fast"));
        Assert.Equal((floats.Sha256, eights.Sha256), (Start(adapted), Start(integers)));
        Assert.Contains("leaves to the model that it began from", adapted.Card.Description, StringComparison.Ordinal);

        // The report tells by what it goes; nothing is lost on tissue that isn't taken for the own.
        using var report = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder.Path, "ours.report.json")));
        var known = report.RootElement.GetProperty("knowsTissue");
        Assert.Equal((4, 4, 0, 36), (Number(known, "known"), Number(known, "tiles"), Number(known, "taken"), Number(known, "pictures")));
        Assert.All(
            report.RootElement.GetProperty("checks").EnumerateArray(),
            c => Assert.Equal((0, 0), (c.GetProperty("gain").GetProperty("low").GetDouble(), c.GetProperty("gain").GetProperty("high").GetDouble())));
        Assert.True(adapted.Card.Scores[0].Pq > adapted.Card.ScoresBefore![0].Pq + 0.05, $"{adapted.Card.ScoresBefore[0].Pq}, {adapted.Card.Scores[0].Pq}");

        // In the product: drawn H&E as the start has it, to the last nucleus; the tiles as it doesn't.
        var tissue = Path.Combine(_folder.Path, "tissue.png");
        SamplePicture.Write(tissue, 384, new Mpp(0.25), seed: 3);
        using var start = NucleusModel.LoadBuiltIn("hoverfast-he-fast");
        var tile = Path.Combine(tiles, "images", "discs_1.png");
        Assert.Equal(await Nuclei(start, tissue), await Nuclei(integers, tissue));
        Assert.NotEqual(await Nuclei(start, tile), await Nuclei(integers, tile));

        // Further tiles of the same tissue: the new model takes the place of the first, and carries what that carried. Of the tiles that were learned
        // before, as if the first had been made after one of other tissue, those of the same tissue alone are learned again.
        KeepOtherTissueToo(RehearsalPack.BesideModel(output), tissue);
        var further = HalfPale("further", first: 5, count: 2);
        var (second, work) = (Path.Combine(_folder.Path, "second.onnx"), Path.Combine(_folder.Path, "work"));
        Assert.Equal(ExitCode.Success, await AdaptTests.Adapt(further, [.. options, "--steps", "8", "--model", output, "-o", second, "--work", work]));
        var configuration = TrainedWeights.Read(Path.Combine(work, "whole", "last.safetensors")).Metadata["configuration"];
        Assert.Equal(["further", "adapted-2"], TrainingConfiguration.Parse(configuration, work).Train.Select(t => t.Name));
        using var again = NucleusModel.Load(second);
        using var integersAgain = NucleusModel.Load(Path.Combine(_folder.Path, "second-int8.onnx"));
        Assert.Equal((Start(adapted), Start(integers)), (Start(again), Start(integersAgain)));

        // Where all slides are asked for, nothing is carried.
        var everywhere = Path.Combine(_folder.Path, "everywhere.onnx");
        Assert.Equal(ExitCode.Success, await AdaptTests.Adapt(tiles, [.. fast, "--steps", "8", "--keep", "0", "--for-all-slides", "-o", everywhere]));
        using var alone = NucleusModel.Load(everywhere);
        Assert.Equal((null, null), (alone.Start, alone.Card.Elsewhere));

        static string? Start(NucleusModel model)
        {
            Assert.Equal(model.Card.Elsewhere!.Sha256, model.Start!.Card.Sha256);
            return model.Card.Elsewhere.Sha256;
        }

        static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();

        static async Task<List<string>> Nuclei(NucleusModel model, string picture)
        {
            using var segmenter = new SlideSegmenter(model, new SegmentSettings { Threads = 1 }, new SlideCalibrator { Stated = new Mpp(0.25) });
            var nuclei = new List<string>();
            await foreach (var nucleus in segmenter.FindNucleiAsync(picture, TestContext.Current.CancellationToken))
            {
                nuclei.Add($"{nucleus.Centroid} {nucleus.Outline.Count}");
            }

            return nuclei;
        }
    }

    // Crops of other tissue before those that are there.
    private void KeepOtherTissueToo(string file, string picture)
    {
        var kept = Assert.Single(RehearsalPack.Unpack(file, Path.Combine(_folder.Path, "kept")));
        var own = DataSet.Load(kept.ToLearn(1) with { Only = null }, "/").Images;
        var image = RgbImageFile.Read(picture);
        var labels = new LabelImage(image.Width, image.Height);
        labels.Labels.AsSpan(0, 9).Fill(1);
        List<LabelledImage> other = [new("he_1", image, labels, new Mpp(0.25)), new("he_2", image, labels, new Mpp(0.25))];
        RehearsalPack.Write(file, [(kept with { Learned = ["he_1"], Checked = ["he_2"] }, other), (kept with { Name = "adapted-2" }, own)]);
    }

    // The start finds the dark ones; the others are to be learned.
    private string HalfPale(string name, int first, int count)
    {
        var tiles = Path.Combine(_folder.Path, name);
        Drawn.Write(tiles, Enumerable.Range(first, count).Select(seed => Drawn.Discs(192, seed, (140, 120, 170), (230, 170, 200), (250, 245, 250))));
        return tiles;
    }
}
