using System.Diagnostics;
using System.Text.Json;
using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Cluster;

public sealed class StagingTests : IDisposable
{
    private readonly BatchOfSlides _batch = new(2);

    public void Dispose() => _batch.Dispose();

    [Fact]
    public async Task AStagedSlideGivesTheSameFilesAndItsCopyIsGone()
    {
        var (plain, staged, near) = (_batch.File("plain"), _batch.File("staged"), Directory.CreateDirectory(_batch.File("near")).FullName);
        Assert.Equal(ExitCode.Success, (await _batch.SegmentAsync(plain)).ExitCode);
        var ended = await ChildProcess.HoverFastAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["TMPDIR"] = near },
            "segment", _batch.Slides, "-o", staged, "--model", _batch.Model, "--threads", "1", "--write", "geojson", "--stage");
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error);
        BatchOfSlides.RequireSameResults(plain, staged, 2);

        // The manifest names the slide and not its copy: a run from the slide itself keeps the result.
        Assert.Equal(Manifest.TryRead(Path.Combine(plain, "s00.manifest.json"))!.Slide, Manifest.TryRead(Path.Combine(staged, "s00.manifest.json"))!.Slide);
        Assert.DoesNotContain(Directory.GetFileSystemEntries(near), e => e.Contains("stage", StringComparison.Ordinal));
        Assert.Contains("kept", (await _batch.SegmentAsync(staged)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACopyIsItsOwnersAloneAndGoesWithTheNextRunWhereItsOwnWasKilled()
    {
        var near = Directory.CreateDirectory(_batch.File("near")).FullName;
        using var gone = Process.Start("true");
        await gone.WaitForExitAsync(TestContext.Current.CancellationToken);
        var dead = Leave("hoverfast-stage-dead", LockOwner.This() with { Process = gone.Id });
        string[] others = [Leave("hoverfast-stage-alive", LockOwner.This()), Leave("hoverfast-stage-other-machine", LockOwner.This() with { Host = "far" })];
        var seen = new List<string>();
        using var segmenter = new SlideSegmenter();
        await segmenter.SegmentAsync(
            Path.Combine(_batch.Slides, "s00.svs"),
            _batch.File("out"),
            new ResultOptions { StageIn = near },
            _ => seen.AddRange(Directory.GetDirectories(near).Except(others, StringComparer.Ordinal).Select(ModeOf)),
            TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(dead));
        Assert.Equal(OperatingSystem.IsWindows() ? "" : "UserExecute, UserWrite, UserRead", Assert.Single(seen.Distinct(StringComparer.Ordinal)));
        Assert.Equal(others.Order(StringComparer.Ordinal), Directory.GetDirectories(near).Order(StringComparer.Ordinal));

        static string ModeOf(string path) => OperatingSystem.IsWindows() ? "" : $"{File.GetUnixFileMode(path)}";

        string Leave(string name, LockOwner owner)
        {
            var folder = Directory.CreateDirectory(Path.Combine(near, name)).FullName;
            File.WriteAllBytes(Path.Combine(folder, "owner.json"), JsonSerializer.SerializeToUtf8Bytes(owner, LockOwner.Json));
            return folder;
        }
    }

    [Fact]
    public async Task AnErrorNamesTheSlideAndNotItsCopy()
    {
        var slide = Path.Combine(_batch.Slides, "s00.svs");
        BrokenSlide.Break(slide);
        var ended = await _batch.SegmentAsync(_batch.File("out"), "--stage");
        Assert.Equal(ExitCode.SomeFailed, ended.ExitCode);
        Assert.Contains($"error: {slide}:", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hoverfast-stage", ended.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_batch.File("out"), "s01.geojson.gz")));
    }
}
