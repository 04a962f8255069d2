using System.Globalization;
using System.Text.Json;
using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Slides.Tiff;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Output;

public sealed class MapsOutputTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheMapsAreThoseOfTheNetworkForAnyThreads()
    {
        // Two tones: the network's answer is known, 255 x (0.5 + (110 - red) / 60), where its blur sees one of them alone.
        var picture = new RgbImage(1200, 900);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var pixel = picture.Row(y).Slice(3 * x, 3);
                (pixel[0], pixel[1], pixel[2]) = ((byte)(x < 600 ? 100 : 116), 60, 140);
            }
        }

        RgbImageFile.WritePng(_folder.File("a.png"), picture);
        using var model = NucleusModel.Load(DarknessModel.Write(_folder.Path));
        var manifest = await SegmentAsync(model, "one", 1, _folder.File("a.png"));
        await SegmentAsync(model, "three", 3, _folder.File("a.png"));
        Assert.True(manifest.Counts.Tiles > 4);
        Assert.Contains(manifest.Outputs, o => o is { Kind: ResultKind.Maps, File: "a.maps.tif" });
        Assert.Equal(File.ReadAllBytes(_folder.File("one/a.maps.tif")), File.ReadAllBytes(_folder.File("three/a.maps.tif")));
        Assert.Equal(["a.manifest.json", "a.maps.tif"], Directory.GetFiles(_folder.File("one")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // 0.25 um on the slide, 0.5 um for the network.
        var (probability, horizontal, vertical) = (Plane("one/a.maps.tif", 0), Plane("one/a.maps.tif", 1), Plane("one/a.maps.tif", 2));
        Assert.Equal((600, 450), (probability.Width, probability.Height));
        foreach (var (x, y) in ((int, int)[])[(5, 5), (250, 255), (256, 256), (290, 440)])
        {
            Assert.InRange(At(probability, x, y), 169, 171);
            Assert.InRange(At(probability, 599 - x, y), 101, 103);
            Assert.Equal((MapsOutput.HvZero, MapsOutput.HvZero), (At(horizontal, x, y), At(vertical, x, y)));
        }
    }

    [Fact]
    public async Task TheEnginesMapsLieUnderTheNuclei()
    {
        using var model = NucleusModel.LoadBuiltIn();
        await SegmentAsync(model, "out", 2, LabelledTiles.Image("tnbc", "09_4"), ResultKind.GeoJson, ResultKind.Maps);
        var (probability, horizontal, vertical) = (Plane("out/09_4.maps.tif", 0), Plane("out/09_4.maps.tif", 1), Plane("out/09_4.maps.tif", 2));
        var nuclei = OutlineFile.Read(_folder.File("out/09_4.geojson.gz"));
        var (inside, leftIsLess, aboveIsLess) = (0, 0, 0);
        var scale = model.Card.Mpp / 0.25;
        foreach (var ring in nuclei)
        {
            var (left, right) = (ring.Min(p => p.X), ring.Max(p => p.X));
            var (top, bottom) = (ring.Min(p => p.Y), ring.Max(p => p.Y));
            var (x, y) = ((left + right) / 2, (top + bottom) / 2);
            inside += Read(probability, x, y) > 127 ? 1 : 0;
            leftIsLess += Read(horizontal, left + 3, y) < Read(horizontal, right - 3, y) ? 1 : 0;
            aboveIsLess += Read(vertical, x, top + 3) < Read(vertical, x, bottom - 3) ? 1 : 0;
        }

        Assert.True(nuclei.Count > 40);
        Assert.All((int[])[inside, leftIsLess, aboveIsLess], count => Assert.InRange(count, 0.9 * nuclei.Count, nuclei.Count));

        int Read(LabelImage plane, double x, double y) =>
            At(plane, Math.Clamp((int)(x / scale), 0, plane.Width - 1), Math.Clamp((int)(y / scale), 0, plane.Height - 1));
    }

    [Fact]
    public async Task TwoViewsDisagreeByTheirDifference()
    {
        using var model = NucleusModel.LoadBuiltIn();
        var picture = LabelledTiles.Image("tnbc", "09_4");
        await SegmentAsync(model, "one", 2, picture);
        await SegmentAsync(model, "two", 1, picture, views: 2);
        await SegmentAsync(model, "again", 3, picture, views: 2);
        Assert.Equal(File.ReadAllBytes(_folder.File("two/09_4.maps.tif")), File.ReadAllBytes(_folder.File("again/09_4.maps.tif")));
        var (first, mean, disagreement) = (Plane("one/09_4.maps.tif", 0), Plane("two/09_4.maps.tif", 0), Plane("two/09_4.maps.tif", 3));
        using (var file = TiffFile.Open(_folder.File("one/09_4.maps.tif")))
        {
            Assert.Equal(3, file.Directories.Count);
        }

        // The mean of two is rounded: the first lies off it by half of what both differ in, to half a step.
        Assert.All(Enumerable.Range(0, first.Labels.Length), i =>
            Assert.InRange(disagreement.Labels[i], (2 * Math.Abs(mean.Labels[i] - first.Labels[i])) - 1, (2 * Math.Abs(mean.Labels[i] - first.Labels[i])) + 1));
        Assert.InRange(disagreement.Labels.Count(d => d > 20), 100, disagreement.Labels.Length / 4);
    }

    /// <summary>Maps of a version that had no channel of disagreement are made again; those without it are kept.</summary>
    [Fact]
    public async Task MapsOfViewsWithoutTheirDisagreementAreMadeAgain()
    {
        using var model = NucleusModel.Load(DarknessModel.Write(_folder.Path));
        DarkDiscs.Write(_folder.File("a.png"), 300);
        foreach (var (folder, views, again) in ((string, int, SlideState)[])[("one", 1, SlideState.Kept), ("two", 2, SlideState.Done)])
        {
            var options = new ResultOptions { Kinds = [ResultKind.Maps] };
            var manifest = (await SegmentAsync(model, folder, 1, _folder.File("a.png"), options, views)).Manifest!;
            Assert.Equal(views == 1 ? null : "2 views", manifest.Disagreement);
            (manifest with { Disagreement = null }).Write(_folder.File($"{folder}/a.manifest.json"));
            Assert.Equal(again, (await SegmentAsync(model, folder, 1, _folder.File("a.png"), options, views)).State);
            Assert.Equal(SlideState.Kept, (await SegmentAsync(model, folder, 1, _folder.File("a.png"), options, views)).State);
        }
    }

    [Fact]
    public async Task ASecondModelDisagreesByTheDifferenceOnTheFirstOnesPixels()
    {
        using var model = NucleusModel.LoadBuiltIn();
        using var other = NucleusModel.LoadBuiltIn("hoverfast-he-fast");
        var picture = LabelledTiles.Image("tnbc", "09_4");
        await SegmentAsync(other, "other", 2, picture);
        await SegmentAsync(model, "same", 2, picture, new ResultOptions { Kinds = [ResultKind.Maps], SecondModel = model });
        var options = new ResultOptions { Kinds = [ResultKind.Maps], SecondModel = other };
        var outcome = await SegmentAsync(model, "one", 1, picture, options);
        await SegmentAsync(model, "three", 3, picture, options);
        Assert.Equal(File.ReadAllBytes(_folder.File("one/09_4.maps.tif")), File.ReadAllBytes(_folder.File("three/09_4.maps.tif")));
        Assert.Equal((other.Card.Name, other.Card.Sha256), (outcome.Manifest!.SecondModel!.Name, outcome.Manifest.SecondModel.Sha256));
        Assert.InRange(Plane("same/09_4.maps.tif", 3).Labels.Average(), 0, 0.5);

        // The fast student's own maps have other pixels: 0.5 um, where the default has 0.36.
        var (first, told, theirs) = (Plane("one/09_4.maps.tif", 0), Plane("one/09_4.maps.tif", 3), Plane("other/09_4.maps.tif", 0));
        var maps = new NucleusMaps(theirs.Width, theirs.Height, Array.ConvertAll(theirs.Labels, l => (byte)l));
        Assert.NotEqual(first.Width, theirs.Width);
        var scale = outcome.Manifest.Model.Mpp / outcome.Manifest.SecondModel.Mpp;
        var near = Enumerable.Range(0, first.Labels.Length).Count(i => Math.Abs(
            told.Labels[i] - Math.Abs(first.Labels[i] - maps.ProbabilityAt((i % first.Width + 0.5) * scale, (i / first.Width + 0.5) * scale))) <= 8);
        Assert.InRange(near, 0.97 * first.Labels.Length, first.Labels.Length);
        Assert.InRange(told.Labels.Count(d => d > 60), first.Labels.Length / 100, first.Labels.Length / 4);

        // The second model changes no nucleus, but another one makes other maps.
        Assert.Equal(SlideState.Kept, (await SegmentAsync(model, "one", 2, picture, options)).State);
        Assert.Equal(SlideState.Done, (await SegmentAsync(model, "one", 2, picture, options with { SecondModel = null })).State);
        Assert.Equal(SlideState.Done, (await SegmentAsync(model, "one", 2, picture, options)).State);
    }

    [Fact]
    public async Task ASecondModelAsksForMaps()
    {
        DarkDiscs.Write(_folder.File("in.png"), 300);
        string[] command = ["segment", _folder.File("in.png"), "--mpp", "0.25", "--second-model", "hoverfast-he-fast", "-o", _folder.File("out")];
        Assert.Equal(ExitCode.Usage, await HoverFastCommand.RunAsync([.. command, "--write", "geojson"]));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync([.. command, "--write", "maps"]));
        Assert.Equal("hoverfast-he-fast", Manifest.TryRead(_folder.File("out/in.manifest.json"))!.SecondModel!.Name);
    }

    [Fact]
    public void SmallerLevelsAreMeansAndWhatWasNotShownIsZero()
    {
        var path = _folder.File("a.maps.tif");
        using (var output = new MapsOutput(path, (10, 20), new PixelSize(301, 270), new Mpp(0.36)))
        {
            // A block that begins outside of the bounds, and one that reaches beyond them.
            output.Add(Block(0, 10, 100, 60, 10, -27));
            output.Add(Block(309, 200, 50, 200, 250, 127));
            output.Complete();
        }

        var (probability, horizontal) = (Plane("a.maps.tif", 0), Plane("a.maps.tif", 1));
        Assert.Equal((301, 270), (probability.Width, probability.Height));
        Assert.Equal((10, 10, 0, 0), (At(probability, 0, 0), At(probability, 89, 49), At(probability, 90, 49), At(probability, 89, 50)));
        Assert.Equal((101, 101, 0), (At(horizontal, 0, 0), At(horizontal, 89, 49), At(horizontal, 90, 49)));
        Assert.Equal((0, 250, 250, 0), (At(probability, 298, 180), At(probability, 299, 180), At(probability, 300, 269), At(probability, 300, 179)));

        var (half, hvHalf) = (Plane("a.maps.tif", 0, level: 1), Plane("a.maps.tif", 1, level: 1));
        Assert.Equal((151, 135), (half.Width, half.Height));

        // Columns 298 and 299 give (0 + 250) / 2, of the HV map the one that is known; the last column stands for itself.
        Assert.Equal((10, 125, 250), (At(half, 44, 24), At(half, 149, 100), At(half, 150, 100)));
        Assert.Equal((101, 255, 255), (At(hvHalf, 44, 24), At(hvHalf, 149, 100), At(hvHalf, 150, 100)));
    }

    [Fact]
    public async Task TifffileReadsTheChannelsWithTheirLevels()
    {
        Assert.SkipUnless(
            File.Exists(Python) && (await ChildProcess.RunAsync(Python, ["-c", "import tifffile"])).ExitCode == 0,
            "needs tifffile (on Debian: apt-get install python3-tifffile)");
        var path = _folder.File("a.maps.tif");
        using (var output = new MapsOutput(path, (0, 0), new PixelSize(600, 300), new Mpp(0.36), "8 views"))
        {
            var disagreement = new byte[600 * 300];
            Array.Fill(disagreement, (byte)77);
            output.Add(Block(0, 0, 600, 300, 40, 50) with { Disagreement = disagreement });
            output.Complete();
        }

        const string Script = """
            import json, sys, tifffile
            with tifffile.TiffFile(sys.argv[1]) as file:
                series = file.series[0]
                print(json.dumps({'ome': file.is_ome, 'axes': series.axes, 'type': str(series.dtype), 'shapes': [l.shape for l in series.levels],
                    'means': [float(c.mean()) for c in series.levels[-1].asarray()], 'xml': file.ome_metadata,
                    'resolution': file.pages[0].tags['XResolution'].value[0] / file.pages[0].tags['XResolution'].value[1]}))
            """;
        var read = await ChildProcess.RunAsync(Python, ["-c", Script, path]);
        Assert.True(read.ExitCode == 0, read.Error);
        using var json = JsonDocument.Parse(read.Output);
        var root = json.RootElement;
        Assert.Equal((true, "CYX", "uint8"), (root.GetProperty("ome").GetBoolean(), root.GetProperty("axes").GetString(), root.GetProperty("type").GetString()));
        Assert.Equal(
            [[4, 300, 600], [4, 150, 300], [4, 75, 150]],
            root.GetProperty("shapes").EnumerateArray().Select(s => s.EnumerateArray().Select(n => n.GetInt32()).ToArray()));
        Assert.Equal([40.0, 178, 178, 77], root.GetProperty("means").EnumerateArray().Select(m => m.GetDouble()));
        Assert.Equal(1e4 / 0.36, root.GetProperty("resolution").GetDouble(), 0.01);
        Assert.Contains("PhysicalSizeX=\"0.36\"", root.GetProperty("xml").GetString(), StringComparison.Ordinal);
        Assert.All(
            (string[])["Probability (255 is 1)", "Horizontal (128 is 0, 228 is 1)", "Vertical (128 is 0, 228 is 1)", "Disagreement of 8 views (255 is 1)"],
            name => Assert.Contains($"Name=\"{name}\"", root.GetProperty("xml").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task LibvipsReadsEachChannelAndItsLevels()
    {
        const string Vips = "/usr/bin/vips";
        Assert.SkipUnless(File.Exists(Vips), "needs vips (on Debian: apt-get install libvips-tools)");
        var path = _folder.File("a.maps.tif");
        using (var output = new MapsOutput(path, (0, 0), new PixelSize(600, 300), new Mpp(0.36), "a & b"))
        {
            var disagreement = new byte[600 * 300];
            Array.Fill(disagreement, (byte)77);
            output.Add(Block(0, 0, 600, 300, 40, 50) with { Disagreement = disagreement });
            output.Complete();
        }

        foreach (var (page, mean) in ((int, int)[])[(0, 40), (1, 178), (2, 178), (3, 77)])
        {
            foreach (var level in (string[])["", ",subifd=0", ",subifd=1"])
            {
                var read = await ChildProcess.RunAsync(Vips, ["avg", $"{path}[page={page}{level}]"]);
                Assert.True(read.ExitCode == 0, read.Error);
                Assert.Equal(mean, double.Parse(read.Output, CultureInfo.InvariantCulture), 6);
            }
        }
    }

    [Fact]
    public async Task MapsAreNoInput()
    {
        using var model = NucleusModel.Load(DarknessModel.Write(_folder.Path));
        DarkDiscs.Write(_folder.File("in.png"), 400);
        await SegmentAsync(model, "out", 2, _folder.File("in.png"));
        File.Copy(_folder.File("in.png"), _folder.File("out/in.png"));
        Assert.Equal("in.png", Path.GetFileName(Assert.Single(SlideInputs.Expand([_folder.File("out")])).Path));
    }

    private static int At(LabelImage plane, int x, int y) => plane.Labels[(y * plane.Width) + x];

    private static MapBlock Block(int x, int y, int width, int height, byte probability, sbyte hv)
    {
        var (p, h) = (new byte[width * height], new sbyte[width * height]);
        Array.Fill(p, probability);
        Array.Fill(h, hv);
        return new MapBlock(x, y, width, height, p, h, h);
    }

    private async Task<Manifest> SegmentAsync(NucleusModel model, string folder, int threads, string picture, params ResultKind[] kinds) =>
        await SegmentAsync(model, folder, threads, picture, views: 1, kinds);

    private async Task<Manifest> SegmentAsync(NucleusModel model, string folder, int threads, string picture, int views, params ResultKind[] kinds) =>
        (await SegmentAsync(model, folder, threads, picture, new ResultOptions { Kinds = kinds.Length > 0 ? kinds : [ResultKind.Maps] }, views)).Manifest!;

    private async Task<SlideOutcome> SegmentAsync(NucleusModel model, string folder, int threads, string picture, ResultOptions options, int views = 1)
    {
        using var segmenter = new SlideSegmenter(
            model,
            new SegmentSettings { Threads = threads, TileSize = 256, Views = views },
            new SlideCalibrator { Stated = new Mpp(0.25) });
        return await segmenter.SegmentAsync(picture, _folder.File(folder), options, cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>A channel of a file, read by its tiles.</summary>
    private LabelImage Plane(string name, int channel, int level = 0)
    {
        using var file = TiffFile.Open(_folder.File(name));
        var directory = file.Directories[channel];
        directory = level == 0 ? directory : file.ReadDirectory(directory.Numbers(TiffTag.SubIfds)[level - 1]);
        var (width, height) = ((int)directory.Number(TiffTag.ImageWidth, 0), (int)directory.Number(TiffTag.ImageLength, 0));
        var (offsets, lengths) = (directory.Numbers(TiffTag.TileOffsets), directory.Numbers(TiffTag.TileByteCounts));
        var image = new LabelImage(width, height);
        var bytes = File.ReadAllBytes(_folder.File(name));
        var columns = (width + 255) / 256;
        for (var i = 0; i < offsets.Length; i++)
        {
            using var zlib = new System.IO.Compression.ZLibStream(
                new MemoryStream(bytes, (int)offsets[i], (int)lengths[i]),
                System.IO.Compression.CompressionMode.Decompress);
            var tile = new byte[256 * 256];
            zlib.ReadExactly(tile);
            for (var p = 0; p < tile.Length; p++)
            {
                var (x, y) = ((i % columns * 256) + (p % 256), (i / columns * 256) + (p / 256));
                if (x < width && y < height)
                {
                    image.Labels[(y * width) + x] = tile[p];
                }
            }
        }

        return image;
    }
}
