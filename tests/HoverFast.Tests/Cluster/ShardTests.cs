using HoverFast.Cli;
using Xunit;

namespace HoverFast.Tests.Cluster;

public sealed class ShardTests : IDisposable
{
    private readonly BatchOfSlides _batch = new(5);

    public void Dispose() => _batch.Dispose();

    [Fact]
    public async Task TheSharesTogetherAreTheWholeAndNothingIsDoneTwice()
    {
        var whole = _batch.File("whole");
        Assert.Equal(ExitCode.Success, (await _batch.SegmentAsync(whole)).ExitCode);
        var shared = _batch.File("shared");
        var sizes = new List<int>();
        for (var k = 1; k <= 3; k++)
        {
            var before = Directory.Exists(shared) ? Directory.GetFiles(shared, "*.manifest.json").Length : 0;
            var ended = await _batch.SegmentAsync(shared, "--shard", $"{k}/3");
            Assert.True(ended.ExitCode == ExitCode.Success, ended.Error);
            Assert.DoesNotContain("kept", ended.Output, StringComparison.Ordinal);
            sizes.Add(Directory.GetFiles(shared, "*.manifest.json").Length - before);
        }

        Assert.Equal([2, 2, 1], sizes);
        BatchOfSlides.RequireSameResults(whole, shared, 5);
    }

    [Theory]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("3")]
    [InlineData("1/2/3")]
    [InlineData("a/b")]
    [InlineData("-1/3")]
    public async Task WhatIsNoShareIsRefused(string share)
    {
        var ended = await _batch.SegmentAsync(_batch.File("out"), "--shard", share);
        Assert.Equal(ExitCode.Usage, ended.ExitCode);
        Assert.Contains("--shard is K/N", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AShareBeyondTheInputsIsEmptyAndWell() =>
        Assert.Equal(ExitCode.Success, (await _batch.SegmentAsync(_batch.File("out"), "--shard", "7/9")).ExitCode);
}
