using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

/// <summary>A name belongs to one input: names don't depend on the order, results of another input are not replaced, own results are no inputs.</summary>
public sealed class ResultNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public ResultNamesTests() => _model = DarknessModel.Write(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NamesDependOnThePathsAndNotOnTheirOrder()
    {
        string[] paths = ["/data/A/s.png", "/data/B/s.png", "/data/B/t.png", "/data/A/u.svs", "/data/A/u.tif", "/x/one/A/v.png", "/x/two/A/v.png"];
        string[] names = ["A_s.png", "B_s.png", "t", "u.svs", "u.tif", "one_A_v.png", "two_A_v.png"];
        Assert.Equal(names, SlideInputs.Expand(paths).Select(i => i.Name));
        Assert.Equal(names.Reverse(), SlideInputs.Expand(paths.Reverse()).Select(i => i.Name));
    }

    [Fact]
    public void TheLastNumberOfADicomNameIsPartOfIt() =>
        Assert.Equal(["1.2.3.4", "1.2.3.5", "a"], SlideInputs.Expand(["/d/1.2.3.4", "/d/1.2.3.5", "/d/a.dcm"]).Select(i => i.Name));

    [Fact]
    public void CompanionsOfMacosAreNoInputs()
    {
        foreach (var name in (string[])["a.png", "._a.png"])
        {
            File.WriteAllText(_folder.File(name), "");
        }

        Assert.Equal(["a"], SlideInputs.Expand([_folder.File("*.png")]).Select(i => i.Name));
    }

    [Fact]
    public async Task OwnResultsAreNoInputs()
    {
        var place = Directory.CreateDirectory(_folder.File("place")).FullName;
        DarkDiscs.Write(Path.Combine(place, "a.png"), 300);

        // Somebody's own picture, whatever it is called.
        DarkDiscs.Write(Path.Combine(place, "b.overlay.png"), 300);
        for (var run = 0; run < 2; run++)
        {
            Assert.Equal(["a", "b.overlay"], SlideInputs.Expand([place]).Select(i => i.Name));
            Assert.Equal(
                ExitCode.Success,
                await HoverFastCommand.RunAsync([
                    "segment",
                    place,
                    "-o",
                    place,
                    "--model",
                    _model,
                    "--mpp",
                    "0.25",
                    "--output",
                    "geojson,labels,overlay,overview,quality-map,quality-regions",
                ]));
        }

        Assert.Equal(["a", "b.overlay"], SlideInputs.Expand([Path.Combine(_folder.Path, "**", "*.png")]).Select(i => i.Name).Order(StringComparer.Ordinal));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["infer_roi", Path.Combine(place, "a.png"), "-m", _model, "-o", place]));
        Assert.Equal(["a", "b.overlay"], SlideInputs.Expand([Path.Combine(place, "**", "*.png")]).Select(i => i.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AResultOfAnotherInputIsNotReplaced()
    {
        foreach (var (folder, size) in (ReadOnlySpan<(string, int)>)[("A", 300), ("B", 400)])
        {
            Directory.CreateDirectory(_folder.File(folder));
            DarkDiscs.Write(_folder.File(Path.Combine(folder, "s.png")), size);
        }

        var output = _folder.File("out");
        string[] how = ["-o", output, "--model", _model, "--mpp", "0.25"];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["segment", _folder.File("A/s.png"), .. how]));
        var manifest = await File.ReadAllBytesAsync(Path.Combine(output, "s.manifest.json"), TestContext.Current.CancellationToken);
        var result = await File.ReadAllBytesAsync(Path.Combine(output, "s.geojson.gz"), TestContext.Current.CancellationToken);

        foreach (var more in (string[][])[[], ["--force"], ["--min-area", "30"]])
        {
            Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync(["segment", _folder.File("B/s.png"), .. how, .. more]));
            Assert.Equal(manifest, await File.ReadAllBytesAsync(Path.Combine(output, "s.manifest.json"), TestContext.Current.CancellationToken));
            Assert.Equal(result, await File.ReadAllBytesAsync(Path.Combine(output, "s.geojson.gz"), TestContext.Current.CancellationToken));
        }

        // The same place with another picture is the same input, and the same picture of another place too.
        DarkDiscs.Write(_folder.File("A/s.png"), 350);
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["segment", _folder.File("A/s.png"), .. how]));
        Directory.Move(_folder.File("A"), _folder.File("C"));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["segment", _folder.File("C/s.png"), .. how, "--min-area", "30"]));
    }

    [Fact]
    public async Task AnOutputThatAFolderHasTheNameOfIsNoticedBeforeTheWork()
    {
        DarkDiscs.Write(_folder.File("a.png"), 300);
        foreach (var name in (string[])["a.geojson.gz", "a.labels.png", "a.overlay.png", "a.manifest.json", "a.journal", "a.lock", "a.geojson.gz.partial"])
        {
            var output = Directory.CreateDirectory(_folder.File("out-" + name)).FullName;
            Directory.CreateDirectory(Path.Combine(output, name));
            Assert.Equal(
                ExitCode.SomeFailed,
                await HoverFastCommand.RunAsync(["segment", _folder.File("a.png"), "-o", output, "--model", _model, "--mpp", "0.25"]));
            Assert.Equal([name], Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName));
        }
    }

    [Theory]
    [InlineData("a.geojson.gz.partial")]
    [InlineData("a.geojson.gz")]
    [InlineData("a.labels.png.partial")]
    [InlineData("a.overlay.png.partial")]
    [InlineData("a.manifest.json.partial")]
    [InlineData("a.manifest.json")]
    [InlineData("a.journal")]
    [InlineData("a.lock")]
    public async Task ALinkInTheOutputFolderIsNeverFollowed(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links of files need rights on Windows.");
        DarkDiscs.Write(_folder.File("a.png"), 300);
        var victim = _folder.Write("victim", [1, 2, 3]);
        var output = Directory.CreateDirectory(_folder.File("out")).FullName;
        File.CreateSymbolicLink(Path.Combine(output, name), victim);
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["segment", _folder.File("a.png"), "-o", output, "--model", _model, "--mpp", "0.25"]));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(victim, TestContext.Current.CancellationToken));
        Assert.All(Directory.EnumerateFileSystemEntries(output), f => Assert.Null(new FileInfo(f).LinkTarget));
        Assert.Equal(4, Directory.EnumerateFileSystemEntries(output).Count());
    }

    [Theory]
    [InlineData("{\"format\":\"hoverfast-manifest/9\"}")]
    [InlineData("{")]
    [InlineData("null")]
    public async Task AManifestThatCanNotBeUnderstoodIsNoneAndADamagedResultIsMadeAnew(string manifest)
    {
        DarkDiscs.Write(_folder.File("a.png"), 300);
        var output = _folder.File("out");
        string[] command = ["segment", _folder.File("a.png"), "-o", output, "--model", _model, "--mpp", "0.25", "--output", "geojson"];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(command));
        var right = await File.ReadAllBytesAsync(Path.Combine(output, "a.geojson.gz"), TestContext.Current.CancellationToken);

        var damaged = right.ToArray();
        damaged[^9] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(output, "a.geojson.gz"), damaged, TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(command));
        Assert.Equal(right, await File.ReadAllBytesAsync(Path.Combine(output, "a.geojson.gz"), TestContext.Current.CancellationToken));

        await File.WriteAllTextAsync(Path.Combine(output, "a.manifest.json"), manifest, TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(command));
        Assert.NotNull(Manifest.TryRead(Path.Combine(output, "a.manifest.json")));
    }
}
