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
