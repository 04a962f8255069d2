using System.Security.Cryptography;
using HoverFast.Cli;
using HoverFast.Cluster.Slurm;
using HoverFast.Cluster.Watching;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Cluster;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

/// <summary>Slides and results that are symbolic links, as workflow managers and archives lay them: what counts is the file that is read.</summary>
public sealed class LinkedFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LinkedFilesTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Links of files need rights on Windows.");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ALinkHasTheLengthAndTimeOfItsFile()
    {
        var file = _folder.Write("file", new byte[12_345]);
        File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc));
        var info = new FileInfo(file);
        Assert.Equal((info.Length, info.LastWriteTimeUtc), FileStatus.ChangeOf(file));
        Assert.Equal(FileStatus.ChangeOf(file), FileStatus.ChangeOf(LinkTo(file, "link")));
        Assert.Equal(FileStatus.ChangeOf(file), FileStatus.ChangeOf(LinkTo(_folder.File("link"), "second")));
        Assert.Null(FileStatus.ChangeOf(_folder.Path));
        Assert.Null(FileStatus.ChangeOf(LinkTo(_folder.File("gone"), "dangling")));
        Assert.Throws<FileNotFoundException>(() => RegularFile.LengthOf(_folder.File("dangling")));
    }

    [Fact]
    public async Task ALinkedSlideHasItsFilesLengthAndALinkedResultHolds()
    {
        var slide = _folder.File("store.png");
        DarkDiscs.Write(slide, 300);
        var (input, length) = (LinkTo(slide, "a.png"), new FileInfo(slide).Length);
        Assert.Equal(length, SlideInfo.Of(input).Bytes);
        var model = DarknessModel.Write(_folder.Path);
        string[] segment = ["segment", input, "-o", _folder.File("out"), "--model", model, "--mpp", "0.25", "--write", "csv"];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(segment));
        Assert.Equal(length, Manifest.TryRead(_folder.File("out/a.manifest.json"))!.Slide.Bytes);

        File.Move(_folder.File("out/a.csv"), _folder.File("archived.csv"));
        LinkTo("../archived.csv", "out/a.csv");
        Assert.Empty(ResultVerification.Of(_folder.File("out")).Problems);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder.File("key.pem"), key.ExportECPrivateKeyPem());
        Assert.Equal(1, ResultSigning.Sign(_folder.File("out"), _folder.File("key.pem")));

        // The slide isn't done again: that would put a file in the link's place.
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(segment));
        Assert.NotNull(new FileInfo(_folder.File("out/a.csv")).LinkTarget);

        File.AppendAllText(_folder.File("archived.csv"), "one more\n");
        Assert.StartsWith("a.csv: was changed", Assert.Single(ResultVerification.Of(_folder.File("out")).Problems), StringComparison.Ordinal);
    }

    /// <summary>A plan's times go by bytes.</summary>
    [Fact]
    public async Task AJobIsPlannedByTheBytesOfWhatLinksLeadTo()
    {
        Directory.CreateDirectory(_folder.File("staged"));
        BatchOfSlides.Draw(_folder.File("store.svs"), 512, 1);
        LinkTo(_folder.File("store.svs"), "staged/a.svs");
        string[] submit = ["cluster", "submit", _folder.File("staged"), "-o", _folder.File("out"), "--dry-run", "--model", "hoverfast-he-fast"];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(submit));
        Assert.Equal(new FileInfo(_folder.File("store.svs")).Length, Assert.Single(JobFolder.Of(_folder.File("out"))).ReadPlan().Bytes);
    }

    /// <summary>A watched link's file may still be on its way.</summary>
    [Fact]
    public void AWatchedLinkChangesWithItsFile()
    {
        var slide = _folder.File("store.png");
        DarkDiscs.Write(slide, 300);
        var link = LinkTo(slide, "a.png");
        var before = Arrivals.SignatureOf(link);
        Assert.NotNull(before);
        File.AppendAllText(slide, "more");
        Assert.NotEqual(before, Arrivals.SignatureOf(link));
    }

    private string LinkTo(string target, string name)
    {
        File.CreateSymbolicLink(_folder.File(name), target);
        return _folder.File(name);
    }
}
