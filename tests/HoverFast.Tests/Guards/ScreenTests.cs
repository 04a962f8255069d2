using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Model;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Guards;

/// <summary>What people read on the screen.</summary>
public sealed class ScreenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheDoctorTellsOfEveryPart()
    {
        var ended = await ChildProcess.HoverFastAsync("doctor");
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Output + ended.Error);
        foreach (
            var part in (string[])["program", "cores", "instruction sets", "engine", "memory", "disk", "libjpeg-turbo", "OpenSlide", "GPU", "tuning", "model"])
        {
            Assert.Matches($"(?m)^ *{part} +\\S", ended.Output);
        }

        Assert.Matches($"cores +{Environment.ProcessorCount}|cores +\\d+ to use", ended.Output);
        foreach (var name in NucleusModel.BuiltIn)
        {
            using var model = NucleusModel.LoadBuiltIn(name);
            Assert.Contains(name + ",", ended.Output, StringComparison.Ordinal);
            Assert.Contains(model.Card.Sha256, ended.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TheBatchTableSaysWhatBecameOfEachInput()
    {
        var model = DarknessModel.Write(_folder.Path);
        var input = Directory.CreateDirectory(_folder.File("in")).FullName;
        DarkDiscs.Write(Path.Combine(input, "first.png"), 400);
        string[] command = ["segment", input, "-o", _folder.File("out"), "--model", model, "--mpp", "0.25", "--output", "geojson"];
        var alone = await ChildProcess.HoverFastAsync(command);
        Assert.True(alone.ExitCode == ExitCode.Success, alone.Error);
        var counts = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(_folder.File("out"), "first.manifest.json"), TestContext.Current.CancellationToken)
        )!["counts"]!;

        // 5 x 5 discs; 400 x 400 pixels of 0.25 um are 0.01 mm2.
        Assert.Equal((25, 0.01), ((int)counts["nuclei"]!, Math.Round((double)counts["tissueArea"]!, 6)));
        Assert.Matches(@"(?m)^ *first +25 +0\.010 +\d+\.\d\d +\d+\.\d{3} +\d+\.\d +0\.\d\d +(trust|look|adapt|refuse)\s*$", alone.Output);
        Assert.Matches(@"(?m)^25 nuclei in 0\.010 mm2 of tissue, \d+\.\d s: ", alone.Output);

        DarkDiscs.Write(Path.Combine(input, "second.png"), 160);
        await File.WriteAllTextAsync(Path.Combine(input, "text.png"), "this is no picture", TestContext.Current.CancellationToken);
        var batch = await ChildProcess.HoverFastAsync(command);
        Assert.Equal(ExitCode.SomeFailed, batch.ExitCode);
        Assert.Matches("(?m)^ *first .*done before, kept", batch.Output);
        Assert.Matches(@"(?m)^ *second +4 +0\.002 ", batch.Output);
        Assert.Matches("(?m)^ *text .*failed: ", batch.Output);
        Assert.Matches(@"(?m)^4 nuclei in 0\.002 mm2 of tissue", batch.Output);
        Assert.Contains("1 of 3 inputs failed", batch.Output, StringComparison.Ordinal);
        Assert.Matches("(?m)^error: .*text\\.png", batch.Error);
    }
}
