using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class ValidationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LimitsHoldOrDoNotAndTheLogSaysSo()
    {
        Assert.Equal(
            ExitCode.Success,
            await Validate(
                """{ "name": "breast", "mpp": 0.25, "limits": [ { "figure": "dice", "least": 0.6 }, { "figure": "pq", "least": 0.4, "tissue": "09_4" } ] }"""));
        Assert.Equal(
            ExitCode.SomeFailed,
            await Validate(
                """{ "name": "breast", "mpp": 0.25, "limits": [ { "figure": "dice", "least": 0.99 }, { "figure": "pq", "least": 0, "tissue": "liver" } ] }"""));
        var report = File.ReadAllText(_folder.File("out/validation.json"));
        Assert.Contains("\"holds\": false", report, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadAllLines(_folder.File("out/audit.jsonl")).Length);
        Assert.Empty(ResultVerification.Of(_folder.File("out")).Problems);
    }

    [Theory]
    [InlineData("no json", "is no protocol")]
    [InlineData("""{ "name": "a", "mpp": 0.25, "limits": [] }""", "at least one limit")]
    [InlineData("""{ "name": "a", "mpp": 25, "limits": [ { "figure": "dice", "least": 0.5 } ] }""", "mpp between")]
    [InlineData("""{ "name": "a", "mpp": 0.25, "limits": [ { "figure": "luck", "least": 0.5 } ] }""", "figures are dice")]
    public void WhatIsNoProtocolIsTold(string text, string problem)
    {
        File.WriteAllText(_folder.File("p.json"), text);
        Assert.Contains(problem, Assert.Throws<IOException>(() => ValidationProtocol.Read(_folder.File("p.json"))).Message, StringComparison.Ordinal);
    }

    private Task<int> Validate(string protocol)
    {
        File.WriteAllText(_folder.File("p.json"), protocol);
        return HoverFastCommand.RunAsync(["validate", LabelledTiles.Folder("tnbc"), "--protocol", _folder.File("p.json"), "-o", _folder.File("out")]);
    }
}
