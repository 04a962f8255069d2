using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Review.Models;
using HoverFast.Review.Tests;
using HoverFast.Slides;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Commands;
using HoverFast.Training.Torch;
using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>From reviewed fields to a model that new results are made with, and on from there.</summary>
public sealed class AdaptReviewTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AdaptReviewTests() => LibTorch.Prepare(1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ReviewedFieldsTeachACandidateThatWaitsForAPerson()
    {
        var slide = await PaleSlide.MakeAsync(_folder.Path);
        Assert.Equal(ExitCode.CannotStart, await Adapt(slide));
        var fields = slide.Review(4, seed: 1, TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Success, await Adapt(slide, "--model", "hoverfast-he-fast"));

        var registry = ModelRegistry.Of(slide.Results);
        var candidate = Assert.Single(registry.Models);
        Assert.Equal((1, ModelState.Candidate, "hoverfast-he-fast-float32"), (candidate.Version, candidate.State, candidate.ParentName));
        Assert.Equal(fields.Order(), candidate.Fields.Order());
        Assert.Equal(4, candidate.Scores[0].Images);
        Assert.True(candidate.Scores[0].Gain > 0.02, $"{candidate.Scores[0]}");
        Assert.Equal(8, File.ReadAllText(candidate.ReportPath).Split("data:image/jpeg;base64,").Length - 1);
        Assert.Null(registry.Current);
        Assert.Contains("Promote", Assert.Throws<ModelException>(() => ModelCatalog.Load(slide.Results)).Message, StringComparison.Ordinal);

        registry.Promote(1, "anna", "finds pale ones");
        using (var model = ModelCatalog.Load(slide.Results))
        using (var segmenter = new SlideSegmenter(model, calibrator: new SlideCalibrator { Stated = new Mpp(0.25) }))
        {
            var outcome = await segmenter.SegmentAsync(
                Path.Combine(slide.Slides, "pale.png"), Path.Combine(_folder.Path, "new"), new ResultOptions { Kinds = [ResultKind.GeoJson] },
                    cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(("hoverfast-he-fast-reviewed-int8", "1"), (outcome.Manifest!.Model.Name, outcome.Manifest.Model.Version));
        }

        // What it learned is not asked about again; more fields go on from it.
        Assert.Equal(ExitCode.CannotStart, await Adapt(slide));
        var more = slide.Review(3, seed: 2, TestContext.Current.CancellationToken);
        var next = new ReviewedTiles(slide.Results, [slide.Slides], Directory.CreateDirectory(Path.Combine(_folder.Path, "next")).FullName, start: null);
        Assert.Equal(candidate.Float32Path, next.Start);
        Assert.Subset(more.ToHashSet(), Directory.EnumerateFiles(Path.Combine(next.Folder, "images")).Select(Path.GetFileNameWithoutExtension).ToHashSet()!);
    }

    [Fact]
    public async Task OnlyTheProgramsOwnFoldersAreDeleted()
    {
        var slide = await PaleSlide.MakeAsync(_folder.Path);
        slide.Review(1, seed: 1, TestContext.Current.CancellationToken);
        var work = Path.Combine(_folder.Path, "work");
        string[] users = ["review-2024", "review-new", "review-0123456789abcdef", "review-tiles"];
        foreach (var folder in users)
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(work, folder)).FullName, "notes.txt"), "mine");
        }

        var first = new ReviewedTiles(slide.Results, [slide.Slides], work, start: "a");
        Directory.CreateDirectory(Path.Combine(work, "review-2024", "tiles"));
        File.Copy(Path.Combine(first.Folder, "tiles.json"), Path.Combine(work, "review-2024", "tiles", "tiles.json"));
        var second = new ReviewedTiles(slide.Results, [slide.Slides], work, start: "b");

        Assert.All(users, u => Assert.Equal("mine", File.ReadAllText(Path.Combine(work, u, "notes.txt"))));
        Assert.False(Directory.Exists(first.Folder));
        string[] left = [.. users.Select(u => Path.Combine(work, u)), Path.GetDirectoryName(second.Folder)!];
        Assert.Equal(left.Order(StringComparer.Ordinal), Directory.GetDirectories(work).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--review needs the slides", "--review", "results")]
    [InlineData("leave TILES, --mpp and -o out", "--review", "results", "--slides", "slides", "-o", "ours.onnx")]
    [InlineData("Give the folder of labelled tiles", "-o", "ours.onnx")]
    public void OptionsThatDoNotGoTogetherAreNamed(string message, params string[] options) =>
        Assert.Contains(message, Assert.Single(AdaptCommand.Create().Parse(options).Errors).Message, StringComparison.Ordinal);

    private static Task<int> Adapt(PaleSlide slide, params string[] more) => AdaptCommand.Create().Parse(
        ["--review", slide.Results, "--slides", slide.Slides, "--who", "anna", "--threads", "1", "--steps", "8", "--rate", "1e-2", "--runs", "2", .. more])
        .InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);
}
