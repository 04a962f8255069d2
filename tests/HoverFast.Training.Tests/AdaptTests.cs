using HoverFast.Model;
using HoverFast.Training.Commands;
using HoverFast.Training.Torch;
using Xunit;

namespace HoverFast.Training.Tests;

public sealed class AdaptTests
{
    public AdaptTests() => LibTorch.Prepare(1);

    [Fact]
    public async Task AStudentLearnsNucleiThatItDoesNotKnow()
    {
        using var folder = new TemporaryFolder();
        var tiles = Path.Combine(folder.Path, "tiles");
        Drawn.Write(tiles, Enumerable.Range(1, 4).Select(seed => Drawn.Discs(256, seed, (250, 245, 250))));
        var output = Path.Combine(folder.Path, "ours.onnx");

        Assert.Equal(0, await Adapt(tiles, output, "--steps", "40", "--rate", "2e-3"));

        // The card's scores are those of the one tile of four that nothing was learned from; the shipped student finds no nucleus that is paler than its ground.
        using var adapted = NucleusModel.Load(output);
        var score = Assert.Single(adapted.Card.Scores);
        Assert.Equal(1, score.Images);
        Assert.InRange(score.Pq, 0.3, 1);
        using var integers = NucleusModel.Load(Path.Combine(folder.Path, "ours-int8.onnx"));
        Assert.Equal("int8", integers.Card.Precision);
    }

    [Fact]
    public async Task NoModelIsWrittenWhereNothingGetsBetter()
    {
        using var folder = new TemporaryFolder();
        var tiles = Path.Combine(folder.Path, "tiles");
        Drawn.Write(tiles, Drawn.Discs(128, 1), Drawn.Discs(128, 2));

        Assert.Equal(0, await Adapt(tiles, Path.Combine(folder.Path, "ours.onnx"), "--steps", "1", "--rate", "1e-9"));

        Assert.Equal(["tiles"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task OneTileIsTooFew()
    {
        using var folder = new TemporaryFolder();
        var tiles = Path.Combine(folder.Path, "tiles");
        Drawn.Write(tiles, Drawn.Discs(128, 1));

        Assert.Equal(3, await Adapt(tiles, Path.Combine(folder.Path, "ours.onnx")));
    }

    private static Task<int> Adapt(string tiles, string output, params string[] more) =>
        AdaptCommand.Create().Parse([tiles, "--mpp", "0.25", "-o", output, "--threads", "1", .. more]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);
}
