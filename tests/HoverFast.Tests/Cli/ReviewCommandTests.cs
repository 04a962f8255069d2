using HoverFast.Cli;
using HoverFast.Review;
using HoverFast.Review.Edits;
using Xunit;

namespace HoverFast.Tests.Cli;

/// <summary><c>hoverfast review</c> and the registry's commands, from a segmented sample on.</summary>
public sealed class ReviewCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheLoopRunsByCommandsAlone()
    {
        var (results, slide) = (_folder.File("results"), _folder.File("sample.png"));
        Assert.Equal(0, await HoverFastCommand.RunAsync(["sample", "-o", slide, "--size", "768"]));
        Assert.Equal(0, await HoverFastCommand.RunAsync(["segment", slide, "--mpp", "0.25", "-o", results, "--write", "geojson"]));
        Assert.Equal(ExitCode.CannotStart, await HoverFastCommand.RunAsync(["review", "report", results]));
        Assert.Equal(0, await HoverFastCommand.RunAsync(
            ["review", "start", results, "--slides", _folder.Path, "--fields", "4", "--field-size", "60", "--who", "anna"]));
        Assert.Equal(ExitCode.CannotStart, await HoverFastCommand.RunAsync(["review", "report", results]));
        var review = ReviewFolder.Open(results);
        foreach (var field in review.Sessions[0].Fields)
        {
            review.Edit(new NucleusEdit { What = EditKind.Accept, Field = field.Id, Who = "anna", Seen = 100 });
        }

        Assert.Equal(0, await HoverFastCommand.RunAsync(["review", "status", results]));
        Assert.Equal(0, await HoverFastCommand.RunAsync(["review", "report", results, "--json", _folder.File("report.json")]));
        Assert.Contains("\"precision\"", File.ReadAllText(_folder.File("report.json")), StringComparison.Ordinal);
        Assert.Equal(0, await HoverFastCommand.RunAsync(
            ["review", "export", results, "--slides", slide, "--tiles", _folder.File("tiles"), "--geojson", _folder.File("out"), "--who", "anna"]));
        Assert.Equal(4, Directory.GetFiles(Path.Combine(_folder.File("tiles"), "labels")).Length);
        Assert.Equal(0, await HoverFastCommand.RunAsync(
            ["review", "import", results, Path.Combine(_folder.File("out"), "sample.corrected.geojson.gz"), "--who", "qupath"]));
        Assert.Equal(0, await HoverFastCommand.RunAsync(["review", "verify", results]));
        var log = Directory.EnumerateFiles(Path.Combine(results, "review"), "*.jsonl").Single();
        File.WriteAllText(log, File.ReadAllText(log).Replace("anna", "anne", StringComparison.Ordinal));
        Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync(["review", "verify", results]));
    }

    [Theory]
    [InlineData(ExitCode.CannotStart, "review", "status", "nowhere")]
    [InlineData(ExitCode.CannotStart, "model", "promote", "nowhere", "1")]
    [InlineData(ExitCode.CannotStart, "model", "rollback", ".")]
    [InlineData(ExitCode.Usage, "review", "export", ".")]
    [InlineData(ExitCode.Usage, "review", "export", ".", "--tiles", "t")]
    [InlineData(ExitCode.Usage, "review", "start", ".")]
    [InlineData(ExitCode.Usage, "review", "start", ".", "--slides", ".", "--fields", "0")]
    [InlineData(ExitCode.Usage, "review", "start", ".", "--slides", ".", "--by", "luck")]
    [InlineData(ExitCode.Usage, "model", "promote", ".", "one")]
    public async Task WhatMakesNoSenseEndsInItsCode(int code, params string[] args) => Assert.Equal(code, await HoverFastCommand.RunAsync(args));
}
