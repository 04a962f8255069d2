using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class ControlTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> BuiltIn => [.. NucleusModel.BuiltIn];

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public async Task EveryBuiltInModelFindsWhatItMust(string name)
    {
        var log = _folder.File("qc/audit.jsonl");
        Assert.True(
            await HoverFastCommand.RunAsync(["control", "--model", name, "--log", log]) == ExitCode.Success,
            $"{name} finds other nuclei in the control picture than models/control/{name}.control.json says. If they changed on purpose, "
                + "models/control/make.sh makes the expected results of all built-in models anew; look at what it changes.");
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["control", "--model", name, "--log", log]));
        Assert.Equal(2, ResultVerification.Of(_folder.File("qc")).Entries);
        Assert.Empty(ResultVerification.Of(_folder.File("qc")).Problems);
        Assert.All(File.ReadAllLines(log), line => Assert.Contains("\"control held\"", line, StringComparison.Ordinal));
    }

    /// <summary>Of another version than the program's, the same bytes are no longer asked of any machine: 95 % of the outlines would do.</summary>
    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void WhatComesAlongIsOfThisVersion(string name) => Assert.True(
        ControlResult.BuiltIn(name)!.Revision == SlideSession.ResultRevision,
        $"models/control/{name}.control.json is of results before {SlideSession.ResultRevision}: models/control/make.sh makes all anew.");

    /// <summary>The expected result is another model's of the same name: its outlines are told to differ, and so is the model.</summary>
    [Fact]
    public async Task AnotherModelOfTheSameNameFails()
    {
        using var fast = NucleusModel.LoadBuiltIn("hoverfast-he-fast");
        await new ControlRun(fast).SaveAsync(_folder.File("fast.json"), TestContext.Current.CancellationToken);
        using var model = NucleusModel.LoadBuiltIn();
        var report = await new ControlRun(model).CompareAsync(_folder.File("fast.json"), TestContext.Current.CancellationToken);
        Assert.False(report.Holds);
        Assert.Contains(
            report.Findings,
            f => f.StartsWith("model: ", StringComparison.Ordinal) && f.Contains("NOT the expected one", StringComparison.Ordinal));
        Assert.Contains("TOO FEW", report.Findings[^1], StringComparison.Ordinal);
    }

    /// <summary>One outline of the expected result is moved, and another time a hash: a machine that computes otherwise looks like that.</summary>
    [Fact]
    public async Task OtherNucleiFail()
    {
        using var model = NucleusModel.LoadBuiltIn();
        var run = new ControlRun(model);
        await run.SaveAsync(_folder.File("good.json"), TestContext.Current.CancellationToken);
        Assert.True((await run.CompareAsync(_folder.File("good.json"), TestContext.Current.CancellationToken)).Holds);

        Assert.SkipUnless(ControlResult.Read(_folder.File("good.json")).IsExact, "this processor leaves the network to ONNX Runtime");
        var json = JsonNode.Parse(File.ReadAllText(_folder.File("good.json")))!;
        json["sha256"] = new string('0', 64);
        File.WriteAllText(_folder.File("bad.json"), json.ToJsonString());
        var report = await run.CompareAsync(_folder.File("bad.json"), TestContext.Current.CancellationToken);
        Assert.False(report.Holds);
        Assert.Contains("NOT the same bytes", report.Findings[^1], StringComparison.Ordinal);

        // Of a version that computes otherwise the same bytes can't be asked: outlines are compared, and nearly all must agree.
        json["revision"] = "0.0.1";
        File.WriteAllText(_folder.File("bad.json"), json.ToJsonString());
        Assert.True((await run.CompareAsync(_folder.File("bad.json"), TestContext.Current.CancellationToken)).Holds);
        var outlines = json["outlines"]!.AsArray();
        for (var i = 0; i < 5; i++)
        {
            outlines.RemoveAt(0);
        }

        File.WriteAllText(_folder.File("bad.json"), json.ToJsonString());
        Assert.False((await run.CompareAsync(_folder.File("bad.json"), TestContext.Current.CancellationToken)).Holds);
    }

    /// <summary>A laboratory's own model and picture; then its weights are altered, under the same name.</summary>
    [Fact]
    public async Task AnOwnPictureAndModelAreHeldUntilTheModelIsAltered()
    {
        var (picture, saved, log) = (_folder.File("own.png"), _folder.File("own.json"), _folder.File("audit.jsonl"));
        DarkDiscs.Write(picture, 400);
        var path = DarknessModel.Write(_folder.Path);
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["control", "--model", path, "--picture", picture, "--mpp", "0.25", "--save", saved]));
        string[] control = ["control", "--model", path, "--picture", picture, "--expected", saved, "--log", log];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(control));

        DarknessModel.Write(_folder.Path, typed: true);
        Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync(control));
        Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync([.. control[..4], LabelledTiles.Image("tnbc", "09_4"), .. control[5..]]));
        var lines = File.ReadAllLines(log);
        Assert.Equal(3, lines.Length);
        Assert.Contains("\"control held\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"control failed\"", lines[1], StringComparison.Ordinal);
        Assert.Contains("picture: 09_4.png, NOT the expected one", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNoExpectedResultAndAModelWithoutOneAreTold()
    {
        using var model = NucleusModel.Load(DarknessModel.Write(_folder.Path));
        RgbImageFile.WritePng(_folder.File("white.png"), new RgbImage(64, 64));
        File.WriteAllText(_folder.File("no.json"), """{ "format": "hoverfast-control/1" }""");
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Contains(
            "is no expected result",
            (await Assert.ThrowsAsync<IOException>(() => new ControlRun(model).CompareAsync(_folder.File("no.json"), cancellation))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "nothing is known of what the model darkness must find",
            (await Assert.ThrowsAsync<IOException>(() => new ControlRun(model).CompareAsync(null, cancellation))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "no pixel size",
            (await Assert.ThrowsAsync<SlideException>(() =>
                new ControlRun(model) { Picture = LabelledTiles.Image("tnbc", "09_1") }.SaveAsync(_folder.File("x.json"), cancellation))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "controls nothing",
            (await Assert.ThrowsAsync<IOException>(() =>
                new ControlRun(model) { Picture = _folder.File("white.png"), Mpp = new Mpp(0.25) }.SaveAsync(_folder.File("x.json"), cancellation))).Message,
            StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("x.json")));
        Assert.Equal(ExitCode.Usage, await HoverFastCommand.RunAsync(["control", "--picture", LabelledTiles.Image("tnbc", "09_1")]));
    }
}
