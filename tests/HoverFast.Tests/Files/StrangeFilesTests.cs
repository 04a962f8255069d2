using System.Net.Sockets;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Model.Checkpoints;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Tests.Files;

/// <summary>Pipes, sockets, devices and folders in the place of files: each is refused at once and named, and none is written through.</summary>
public sealed class StrangeFilesTests : IDisposable
{
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(20);
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Readers => ["slide", "table", "mask", "region", "labels", "outlines", "model", "card", "checkpoint", "fingerprint"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task APipeIsRefusedAtOnce(string reader)
    {
        var error = await Refused(reader, Fifo.Make(_folder.File("a.onnx")));
        Assert.Contains("pipe", error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task ADeviceThatNeverEndsIsRefusedAtOnce(string reader)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux's /dev/zero");
        File.CreateSymbolicLink(_folder.File("a.onnx"), "/dev/zero");
        Assert.Contains("device", await Refused(reader, _folder.File("a.onnx")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task AFolderIsCalledAFolder(string reader)
    {
        Directory.CreateDirectory(_folder.File("a.onnx"));
        Assert.Contains("folder", await Refused(reader, _folder.File("a.onnx")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASocketIsRefusedAtOnce()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux: its sockets with names, and statx to tell them");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder.File("a.onnx")));
        Assert.Contains("socket", await Refused("slide", _folder.File("a.onnx")), StringComparison.Ordinal);
    }

    [Fact]
    public void AManifestThatIsAPipeCountsAsNone() => Assert.Null(Manifest.TryRead(Fifo.Make(_folder.File("a.manifest.json"))));

    [Fact]
    public void ALinkInAnOutputsPlaceIsReplacedAndNotFollowed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links of files need rights on Windows.");
        var victim = _folder.Write("victim", [1, 2, 3]);
        var path = _folder.File("a.csv");
        File.CreateSymbolicLink(path + ".partial", victim);
        File.CreateSymbolicLink(path, victim);
        PartialFile.Write(path, file => file.WriteByte(9));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(victim));
        Assert.Equal([9], File.ReadAllBytes(path));
        Assert.Null(new FileInfo(path).LinkTarget);
        Assert.False(Path.Exists(path + ".partial"));
    }

    [Theory]
    [InlineData("a.csv")]
    [InlineData("a.csv.partial")]
    public void AnOutputsNameThatAFolderHasIsNoticedBeforeTheWork(string name)
    {
        Directory.CreateDirectory(_folder.File(name));
        var error = Assert.Throws<IOException>(() => new PartialFile(_folder.File("a.csv")));
        Assert.Contains(name + " is a folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APipeInAnOutputsPlaceIsReplaced()
    {
        var path = Fifo.Make(_folder.File("a.csv.partial"))[..^".partial".Length];
        PartialFile.Write(path, file => file.WriteByte(9));
        Assert.Equal([9], File.ReadAllBytes(path));
    }

    [Fact]
    public void AFileThatIsTooLongForItsKindIsNotRead()
    {
        var path = _folder.File("long.csv");
        using (var file = File.Create(path))
        {
            file.SetLength(RegularFile.MostText + 1);
        }

        Assert.Contains("MiB", Assert.Throws<IOException>(() => RegularFile.ReadAllBytes(path)).Message, StringComparison.Ordinal);
    }

    private async Task<string> Refused(string reader, string path)
    {
        var reading = Task.Run(() => Read(reader, path));
        Assert.Same(reading, await Task.WhenAny(reading, Task.Delay(_soon, TestContext.Current.CancellationToken)));
        var error = await Assert.ThrowsAnyAsync<Exception>(() => reading);
        Assert.True(error is SlideException or ModelException or CheckpointException or IOException, error.ToString());
        return error.Message;
    }

    private void Read(string reader, string path)
    {
        var size = new PixelSize(10, 10);
        var mpp = new Mpp(0.25);
        switch (reader)
        {
            case "slide":
                Slide.Open(path).Dispose();
                break;
            case "table":
                new SlideCalibrator().AddTable(path);
                break;
            case "mask":
                MaskImage.Read(path, size, new PixelRect(0, 0, 10, 10), mpp);
                break;
            case "region":
                AnnotationRegion.Read(path, size, new PixelRect(0, 0, 10, 10), mpp);
                break;
            case "labels":
                LabelImageFile.Read(path);
                break;
            case "outlines":
                OutlineFile.Read(path);
                break;
            case "model":
                File.Copy(_folder.Write("card", "{}"u8.ToArray()), ModelCard.PathFor(path));
                NucleusModel.Load(path);
                break;
            case "card":
                var model = _folder.Write("b.onnx", [1]);
                File.CreateSymbolicLink(ModelCard.PathFor(model), path);
                NucleusModel.Load(model);
                break;
            case "checkpoint":
                Checkpoint.Open(path);
                break;
            default:
                SlideFingerprint.Of(path);
                break;
        }
    }
}
