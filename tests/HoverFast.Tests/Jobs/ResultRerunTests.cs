using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Jobs.Finished;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class ResultRerunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(MeasurementChoice.None, 0)]
    [InlineData(MeasurementChoice.Basic, 0.5)]
    [InlineData(MeasurementChoice.All, 0)]
    public async Task WhatWasNotTouchedIsTheSame(MeasurementChoice measurements, double simplify)
    {
        var manifest = await SegmentAsync(measurements, simplify);
        Assert.True(manifest.Counts.Tiles > 8);
        var all = await RerunAsync(1000);
        Assert.Empty(all.Problems);
        Assert.Equal((1, manifest.Counts.Tiles), (all.Results, all.Tiles));
        Assert.Equal(manifest.Counts.Nuclei, all.Nuclei);
        var some = await RerunAsync(3, seed: 5);
        Assert.Equal(3, some.Tiles);
        Assert.Empty(some.Problems);
        Assert.Equal(some.Nuclei, (await RerunAsync(3, seed: 5)).Nuclei);
    }

    [Fact]
    public async Task ARemovedNucleusIsFound()
    {
        var all = (await SegmentAsync(MeasurementChoice.Basic)).Counts.Nuclei;
        var gone = Change(features => features.RemoveAt(20));
        var found = await RerunAsync(1000);
        Assert.Contains($"a.geojson.gz: holds {all - 1} nuclei, and {all} were written.", found.Problems);
        Assert.Contains($"a.geojson.gz: a nucleus at {gone} is missing.", found.Problems);
        Assert.Equal(2, found.Problems.Count);
        Assert.Equal(ExitCode.SomeFailed, await VerifyAsync("--rerun", "1000"));
        Assert.Contains(found.Problems[1], (await RerunAsync(48)).Problems);

        // The hashes fit: nothing else tells.
        Assert.Equal(ExitCode.Success, await VerifyAsync());
    }

    [Fact]
    public async Task AFewTilesTellWhatIsMissingInThem()
    {
        var all = (await SegmentAsync(MeasurementChoice.Basic)).Counts.Nuclei;
        Assert.True(all > 40);
        Change(features => features.Clear());
        var problems = (await RerunAsync(40)).Problems;
        Assert.Equal($"a.geojson.gz: holds 0 nuclei, and {all} were written.", problems[0]);
        Assert.EndsWith("is missing.", problems[1], StringComparison.Ordinal);
        Assert.Equal(21, problems.Count);
        Assert.EndsWith(" more.", problems[20], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMovedNucleusAndAnAddedOneAreFound()
    {
        await SegmentAsync(MeasurementChoice.Basic);
        Change(features =>
        {
            foreach (var point in Ring(features[20]!))
            {
                point![0] = Math.Round((double)point[0]! + 0.01, 2);
            }

            var added = features[10]!.DeepClone();
            foreach (var point in Ring(added))
            {
                point![0] = Math.Round((double)point[0]! + 0.37, 2);
            }

            features.Add(added);
        });
        var problems = (await RerunAsync(1000)).Problems;
        Assert.Contains(problems, p => p.Contains("has another outline than segmenting gives", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("is none that segmenting gives", StringComparison.Ordinal));
        Assert.Equal(3, problems.Count);
    }

    [Fact]
    public async Task AChangedMeasurementIsFoundAndAChangedTypeToo()
    {
        await SegmentAsync(MeasurementChoice.Basic);
        Change(features =>
        {
            features[7]!["properties"]!["measurements"]!["Match probability"] = 0.999;
            features[8]!["properties"]!["measurements"]!.AsObject().Remove("Detection probability");
            features[9]!["properties"]!["classification"]!["name"] = "Another";
        });
        var problems = (await RerunAsync(1000)).Problems;
        Assert.Contains(problems, p => p.Contains("has Match probability 0.999, and segmenting gives 0", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("has Detection probability none, and segmenting gives 0", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("has the type Another, and segmenting gives", StringComparison.Ordinal));
        Assert.Equal(3, problems.Count);
    }

    [Fact]
    public async Task ASlideThatIsGoneOrAnotherIsSaidPlainly()
    {
        await SegmentAsync(MeasurementChoice.Basic);
        var empty = Directory.CreateDirectory(_folder.File("elsewhere")).FullName;
        var problem = Assert.Single((await RerunAsync(2, slides: empty)).Problems);
        Assert.Contains("a.png: the slide isn't there: looked in " + empty, problem, StringComparison.Ordinal);
        Assert.Equal(ExitCode.SomeFailed, await VerifyAsync("--rerun", "2", "--slides", empty));
        Assert.Equal(ExitCode.CannotStart, await VerifyAsync("--rerun", "2", "--slides", _folder.File("nowhere")));

        File.Copy(LabelledTiles.Image("tnbc", "09_1"), Path.Combine(empty, "a.png"));
        problem = Assert.Single((await RerunAsync(2, slides: empty)).Problems);
        Assert.Contains("is not the slide that a was made from", problem, StringComparison.Ordinal);

        // Of two files of one name the one is taken that the result was made from.
        Directory.CreateDirectory(Path.Combine(empty, "deeper"));
        File.Copy(LabelledTiles.Image("tnbc", "09_4"), Path.Combine(empty, "deeper", "a.png"));
        Assert.Empty((await RerunAsync(2, slides: empty)).Problems);
    }

    /// <summary>Workflow managers lay links to slides. A link to a folder may lead in a circle and one to nothing is no slide: neither is in the way.</summary>
    [Fact]
    public async Task ASlideThatIsALinkIsFound()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links of files need rights on Windows.");
        await SegmentAsync(MeasurementChoice.Basic);
        var staged = Directory.CreateDirectory(_folder.File("staged/deeper")).FullName;
        Directory.CreateDirectory(_folder.File("store"));
        File.Move(_folder.File("a.png"), _folder.File("store/a.png"));
        File.CreateSymbolicLink(Path.Combine(staged, "a.png"), _folder.File("store/a.png"));
        File.CreateSymbolicLink(_folder.File("staged/a.png"), _folder.File("store/gone.png"));
        Directory.CreateSymbolicLink(Path.Combine(staged, "circle"), _folder.File("staged"));
        Assert.Equal([Path.Combine(staged, "a.png")], FolderFiles.Below(_folder.File("staged")));
        var found = await RerunAsync(2, slides: _folder.File("staged"));
        Assert.Empty(found.Problems);
        Assert.Equal(2, found.Tiles);
    }

    [Fact]
    public async Task AnotherModelAndAnotherProgramAreRefused()
    {
        await SegmentAsync(MeasurementChoice.Basic);
        var problem = Assert.Single((await RerunAsync(2, model: DarknessModel.Write(_folder.Path))).Problems);
        Assert.Contains("is not the model that made this result", problem, StringComparison.Ordinal);

        var path = _folder.File("out/a.manifest.json");
        var manifest = File.ReadAllText(path);
        var parsed = JsonNode.Parse(manifest)!;
        parsed["settings"]!["finder"] = "FinderSettings { SplitDepth = much }";
        File.WriteAllText(path, parsed.ToJsonString());
        Assert.Contains("settings can't be understood", Assert.Single((await RerunAsync(2)).Problems), StringComparison.Ordinal);
        File.WriteAllText(path, manifest.Replace("MinArea = 4", "MinArea = 7", StringComparison.Ordinal));
        Assert.Contains("can't be made again from it as it was", Assert.Single((await RerunAsync(2)).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AModelOfOnesOwnHasToBeNamed()
    {
        var model = DarknessModel.Write(_folder.Path);
        await SegmentAsync(MeasurementChoice.Basic, model: model, drawn: true);
        Assert.Contains("comes not with the program", Assert.Single((await RerunAsync(2)).Problems), StringComparison.Ordinal);
        var found = await RerunAsync(1000, model: model);
        Assert.Empty(found.Problems);
        Assert.True(found.Nuclei > 10);
    }

    [Fact]
    public async Task ATableAloneIsComparedAndNoOutlinesAtAllAreSaid()
    {
        await SegmentAsync(MeasurementChoice.All, kinds: ResultKind.Parquet);
        Assert.Empty((await RerunAsync(1000)).Problems);
        File.WriteAllText(_folder.File("out/a.parquet"), "no table");
        Assert.Contains("can't be read as a result's table", Assert.Single((await RerunAsync(2)).Problems), StringComparison.Ordinal);
        Directory.Delete(_folder.File("out"), recursive: true);
        await SegmentAsync(MeasurementChoice.All, kinds: ResultKind.Csv);
        Assert.Contains("has no file of nuclei that can be compared", Assert.Single((await RerunAsync(2)).Problems), StringComparison.Ordinal);
    }

    private static JsonArray Ring(JsonNode feature) => feature["geometry"]!["coordinates"]![0]!.AsArray();

    private Task<int> VerifyAsync(params string[] more) => HoverFastCommand.RunAsync(["verify", _folder.File("out"), .. more]);

    private Task<ResultRerun> RerunAsync(int tiles, int seed = 1, string? slides = null, string? model = null) =>
        ResultRerun.RunAsync(
            _folder.File("out"),
            new RerunOptions { Tiles = tiles, Seed = seed, Slides = slides is null ? null : [slides], Model = model, Threads = 2 },
            TestContext.Current.CancellationToken);

    private async Task<Manifest> SegmentAsync(
        MeasurementChoice measurements,
        double simplify = 0,
        string? model = null,
        bool drawn = false,
        params ResultKind[] kinds)
    {
        var picture = _folder.File("a.png");
        if (drawn)
        {
            DarkDiscs.Write(picture, 600);
        }
        else
        {
            File.Copy(LabelledTiles.Image("tnbc", "09_4"), picture, overwrite: true);
        }

        using var network = ModelCatalog.Load(model);
        using var segmenter = new SlideSegmenter(
            network,
            new SegmentSettings { TileSize = 192, Measurements = measurements },
            new SlideCalibrator { Stated = new Mpp(0.25) });
        var options = new ResultOptions { Kinds = kinds.Length > 0 ? kinds : [ResultKind.GeoJson, ResultKind.Parquet], Simplify = simplify };
        return (await segmenter.SegmentAsync(picture, _folder.File("out"), options, cancellation: TestContext.Current.CancellationToken)).Manifest!;
    }

    /// <summary>Changes the features of the GeoJSON and its hash in the manifest, as who wants to deceive would; returns where the 21st lay.</summary>
    private string Change(Action<JsonArray> change)
    {
        var path = _folder.File("out/a.geojson.gz");
        JsonNode collection;
        using (var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
        {
            collection = JsonNode.Parse(packed)!;
        }

        var features = collection["features"]!.AsArray();
        var points = Ring(features[20]!).Select(p => new System.Numerics.Vector2((float)p![0]!, (float)p[1]!)).SkipLast(1).ToArray();
        var place = OutlineClip.AreaOf(points).Centroid;
        change(features);
        using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            packed.Write(Encoding.UTF8.GetBytes(collection.ToJsonString()));
        }

        var manifest = Manifest.TryRead(_folder.File("out/a.manifest.json"))!;
        var files = manifest.Outputs.Select(o => ManifestFile.Of(new ResultFile(o.Kind!.Value, _folder.File("out/" + o.File)), _folder.File("out")));
        (manifest with { Outputs = [.. files] }).Write(_folder.File("out/a.manifest.json"));
        return FormattableString.Invariant($"({place.X:0}, {place.Y:0})");
    }
}
