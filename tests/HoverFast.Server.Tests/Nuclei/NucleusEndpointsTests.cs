using System.Text.Json;
using System.Text.Json.Nodes;
using HoverFast.Jobs;
using HoverFast.Server.Nuclei;
using HoverFast.Slides;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Nuclei;

/// <summary>Nuclei come from the index as the result has them.</summary>
public sealed class NucleusEndpointsTests(SegmentedSlides data) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CountsMeasurementsAndHistogramsAreTheResults()
    {
        var server = await data.ServerAsync();
        var nuclei = await server.NucleiAsync(await server.IdOfAsync(SegmentedSlides.Done));
        Assert.Equal("ready", nuclei.GetProperty("state").GetString());
        Assert.Equal(data.Manifest.Counts.Nuclei, nuclei.GetProperty("count").GetInt64());
        var area = nuclei.GetProperty("measurements").EnumerateArray().First(m => m.GetProperty("name").GetString() == "Nucleus: Area µm^2");
        Assert.Equal(data.Manifest.Counts.Nuclei, area.GetProperty("bins").EnumerateArray().Sum(b => b.GetInt64()));
        Assert.Equal("none", (await server.NucleiAsync(await server.IdOfAsync(SegmentedSlides.New))).GetProperty("state").GetString());
    }

    /// <summary>Every nucleus of the result lies in tiles: all zooms together hold each, and only those.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task TilesOfAZoomHoldEveryNucleus(int zoom)
    {
        var server = await data.ServerAsync();
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        await server.NucleiAsync(id);
        var seen = new HashSet<ulong>();
        var side = VectorTile.SideAt(zoom);
        for (var row = 0; row * side < 3000; row++)
        {
            for (var column = 0; column * side < 4000; column++)
            {
                var tile = await server.Client.GetByteArrayAsync(
                    $"/api/slides/{id}/nuclei/tiles/{zoom}/{column}/{row}",
                    TestContext.Current.CancellationToken);
                seen.UnionWith(DecodedTile.Of(tile).Features.Select(f => f.Id));
            }
        }

        Assert.Equal(data.Manifest.Counts.Nuclei, seen.Count);
    }

    /// <summary>What the page colours and filters by: a letter for the class, and one for the bin of each measurement.</summary>
    [Fact]
    public async Task ATileTellsTheBinOfEachMeasurement()
    {
        var server = await data.ServerAsync();
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        var nuclei = await server.NucleiAsync(id);
        var measurements = nuclei.GetProperty("measurements").EnumerateArray().ToList();
        var classes = nuclei.GetProperty("classes").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ToList();
        var results = ResultFeatures.Of(data.Results);
        var tile = DecodedTile.Of(await server.Client.GetByteArrayAsync($"/api/slides/{id}/nuclei/tiles/0/0/0", TestContext.Current.CancellationToken));
        Assert.NotEmpty(tile.Features);
        foreach (var feature in tile.Features)
        {
            var letters = feature.Properties["b"];
            var properties = results[(int)feature.Id].GetProperty("properties");
            var name = properties.TryGetProperty("classification", out var type) ? type.GetProperty("name").GetString() : null;
            Assert.Equal(name is null ? 0 : classes.IndexOf(name) + 1, letters[0]);
            Assert.Equal(measurements.Count, letters.Length - 1);
            for (var i = 0; i < measurements.Count; i++)
            {
                var has = properties.GetProperty("measurements").TryGetProperty(measurements[i].GetProperty("name").GetString()!, out var value);
                var (low, high) = (measurements[i].GetProperty("low").GetDouble(), measurements[i].GetProperty("high").GetDouble());
                Assert.Equal(has ? RangeHistogram.BinOf((float)value.GetDouble(), low, high) + 1 : 0, letters[1 + i]);
            }
        }
    }

    [Fact]
    public async Task AClickedNucleusHasTheMeasurementsOfTheResult()
    {
        var server = await data.ServerAsync();
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        await server.NucleiAsync(id);
        var feature = ResultFeatures.Of(data.Results)[17];
        var (x, y) = ResultFeatures.Inside(feature);
        var nucleus = (await server.GetAsync(FormattableString.Invariant($"/api/slides/{id}/nuclei/at?x={x}&y={y}"))).GetProperty("nucleus");
        Assert.Equal(feature.GetProperty("id").GetString(), nucleus.GetProperty("id").GetString());
        foreach (var measurement in feature.GetProperty("properties").GetProperty("measurements").EnumerateObject())
        {
            Assert.Equal(
                measurement.Value.GetDouble(),
                nucleus.GetProperty("measurements").GetProperty(measurement.Name).GetDouble(),
                1e-6 * Math.Abs(measurement.Value.GetDouble()));
        }

        Assert.Equal(JsonValueKind.Null, (await server.GetAsync($"/api/slides/{id}/nuclei/at?x=-5&y=-5")).GetProperty("nucleus").ValueKind);
    }

    /// <summary>A region's nuclei are those whose centroid lies in it; all of the slide are all of the result.</summary>
    [Fact]
    public async Task WhatAServerWasSendingWhenItWasKilledDoesNotStay()
    {
        var results = data.CopyResults(_folder);
        var left = Path.Combine(Directory.CreateDirectory(Path.Combine(results, ".viewer")).FullName, "export-0123.partial");
        await File.WriteAllTextAsync(left, "nuclei", TestContext.Current.CancellationToken);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task ARegionCountsAndExportsItsNuclei()
    {
        var server = await data.ServerAsync();
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        await server.NucleiAsync(id);
        var features = ResultFeatures.Of(data.Results);
        double[][] whole =
        [
            [-10, -10],
            [4010, -10],
            [4010, 3010],
            [-10, 3010],
        ];
        Assert.Equal(features.Count, (await RegionAsync(server, id, new { polygon = whole })).GetProperty("count").GetInt32());

        // An L of three boxes.
        double[][] corner =
        [
            [0, 0],
            [2500, 0],
            [2500, 900],
            [1200, 900],
            [1200, 2600],
            [0, 2600],
        ];
        var expected = features.Where(f => ResultFeatures.Centroid(f) is var (x, y) && ((x < 2500 && y < 900) || (x < 1200 && y < 2600))).ToList();
        Assert.NotEmpty(expected);
        var counts = await RegionAsync(server, id, new { polygon = corner });
        Assert.Equal(expected.Count, counts.GetProperty("count").GetInt32());
        var area = ((2500 * 900) + (1200 * 1700)) * 0.25 * 0.25 / 1e6;
        Assert.Equal(area, counts.GetProperty("area").GetDouble(), 1e-9);
        Assert.Equal(expected.Count / area, counts.GetProperty("density").GetDouble(), 1e-6);
        var means = counts
            .GetProperty("measurements")
            .EnumerateArray()
            .ToDictionary(m => m.GetProperty("name").GetString()!, m => m.GetProperty("mean").GetDouble());
        Assert.Equal(expected.Average(f => ResultFeatures.Value(f, "Nucleus: Area µm^2")), means["Nucleus: Area µm^2"], 1e-3);

        using var geoJson = await server.ChangeAsync(HttpMethod.Post, $"/api/slides/{id}/nuclei/export/geojson", new { polygon = corner });
        var exported = JsonDocument
            .Parse(await geoJson.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .RootElement.GetProperty("features")
            .EnumerateArray()
            .ToDictionary(f => f.GetProperty("id").GetString()!);
        Assert.Equal(expected.Select(f => f.GetProperty("id").GetString()).Order(StringComparer.Ordinal), exported.Keys.Order(StringComparer.Ordinal));
        foreach (var feature in expected)
        {
            Assert.Equal(
                feature.GetProperty("geometry").GetRawText(),
                exported[feature.GetProperty("id").GetString()!].GetProperty("geometry").GetRawText());
        }

        using var csv = await server.ChangeAsync(HttpMethod.Post, $"/api/slides/{id}/nuclei/export/csv", new { polygon = corner });
        var lines = (await csv.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).TrimEnd().Split('\n');
        Assert.Equal(expected.Count + 1, lines.Length);
        Assert.StartsWith("id,x_um,y_um,class,", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task FiltersLeaveWhatTheHistogramsBinsHold()
    {
        var server = await data.ServerAsync();
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        var bins = (await server.NucleiAsync(id)).GetProperty("measurements")[0].GetProperty("bins").EnumerateArray().Select(b => b.GetInt32()).ToList();
        double[][] whole =
        [
            [-10, -10],
            [4010, -10],
            [4010, 3010],
            [-10, 3010],
        ];
        var counts = await RegionAsync(
            server,
            id,
            new
            {
                polygon = whole,
                filters = new[]
                {
                    new
                    {
                        measurement = 0,
                        from = 20,
                        to = 99,
                    },
                },
            });
        Assert.Equal(bins[20..100].Sum(), counts.GetProperty("count").GetInt32());
        Assert.Equal(
            bins[20..100],
            counts.GetProperty("measurements")[0].GetProperty("bins").EnumerateArray().Skip(20).Take(80).Select(b => b.GetInt32()));
    }

    [Theory]
    [InlineData("""{"polygon":[[0,0],[1,1]]}""")]
    [InlineData("""{"polygon":[[0,0],[1],[1,1]]}""")]
    [InlineData("""{"polygon":null}""")]
    [InlineData("""{"polygon":[[0,0],[1,0],[1,1]],"filters":[{"measurement":99,"from":0,"to":1}]}""")]
    [InlineData("""{"polygon":[[0,0],[1e9,0],[1,1]]}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task ARegionThatMakesNoSenseIsRefused(string body)
    {
        var server = await data.ServerAsync();
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        await server.NucleiAsync(id);
        using var answer = await server.ChangeAsync(
            HttpMethod.Post,
            $"/api/slides/{id}/nuclei/region",
            JsonDocument.Parse(body == "{" ? "\"{\"" : body).RootElement);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
    }

    /// <summary>Another result of the same slide: its index is made anew, the old one goes.</summary>
    [Fact]
    public async Task AnIndexFollowsItsResult()
    {
        var results = data.CopyResults(_folder);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        await server.NucleiAsync(id);
        await File.WriteAllTextAsync(
            Path.Combine(results, SegmentedSlides.Done + ".geojson.gz"),
            """[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,1],[9,1],[9,9],[1,1]]]}}]""",
            TestContext.Current.CancellationToken);
        Assert.Equal(1, (await server.NucleiAsync(id)).GetProperty("count").GetInt32());
        Assert.Single(Directory.GetFiles(Path.Combine(results, ".viewer", "nuclei")), f => f.EndsWith(".db", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(results, SegmentedSlides.Done + ".geojson.gz"), "{}", TestContext.Current.CancellationToken);
        var broken = await server.NucleiAsync(id);
        Assert.Equal("failed", broken.GetProperty("state").GetString());
        Assert.Contains("holds no list of features", broken.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    /// <summary>What no nucleus can be is refused before it takes memory: it would lie in every square of its box.</summary>
    [Theory]
    [InlineData(0, 0, 9000, "object 2 is 9000 x 9000 pixels")]
    [InlineData(-20_000, 5, 40, "object 2 lies outside of the slide")]
    [InlineData(5, 3000 + 20_000, 40, "object 2 lies outside of the slide")]
    [InlineData(-30, 2980, 40, null)]
    public async Task AnObjectThatIsNoNucleusIsRefused(int x, int y, int side, string? said)
    {
        var results = data.CopyResults(_folder);
        var file = SegmentedSlides.Done + ".geojson.gz";
        await File.WriteAllTextAsync(Path.Combine(results, file), $"[{Box(1, 1, 8)},{Box(x, y, side)}]", TestContext.Current.CancellationToken);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var nuclei = await server.NucleiAsync(await server.IdOfAsync(SegmentedSlides.Done));
        Assert.Equal(said is null ? "ready" : "failed", nuclei.GetProperty("state").GetString());
        if (said is not null)
        {
            var error = nuclei.GetProperty("error").GetString();
            Assert.Contains($"{file}: {said}", error, StringComparison.Ordinal);
            Assert.Contains("take it out", error, StringComparison.Ordinal);
            Assert.Contains(said, server.Log, StringComparison.Ordinal);
        }
    }

    /// <summary>Coordinates count from the corner of the slide's bounds, and tissue may lie beyond these.</summary>
    [Theory]
    [InlineData(-52_000, true)]
    [InlineData(48_000, true)]
    [InlineData(-60_000, false)]
    [InlineData(60_000, false)]
    public async Task NucleiMayLieBeyondTheBoundsButNotBeyondTheSlide(int x, bool isTaken)
    {
        var slide = data.Manifest.Slide with { Width = 100_000, Height = 3000, Bounds = new PixelRect(50_000, 0, 4000, 3000) };
        var nuclei = _folder.File("nuclei.geojson");
        await File.WriteAllTextAsync(nuclei, $"[{Box(x, 1, 8)}]", TestContext.Current.CancellationToken);
        void Build() =>
            IndexBuilder.Build(nuclei, data.Manifest with { Slide = slide }, _folder.File("index.db"), _ => { }, TestContext.Current.CancellationToken);
        if (isTaken)
        {
            Build();
        }
        else
        {
            Assert.Throws<InvalidDataException>(Build);
        }

        Assert.Equal(isTaken, File.Exists(_folder.File("index.db")));
    }

    /// <summary>A manifest that makes no sense, for one: the page must not wait for an index that will never be.</summary>
    [Fact]
    public async Task WhateverGoesWrongWithAnIndexIsTold()
    {
        var results = data.CopyResults(_folder);
        var path = Manifest.PathFor(results, SegmentedSlides.Done);
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
        manifest["slide"]!["bounds"]!["width"] = -1_000_000;
        await File.WriteAllTextAsync(path, manifest.ToJsonString(), TestContext.Current.CancellationToken);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        JsonElement nuclei = default;
        for (var time = 0; time < 100 && (time == 0 || nuclei.GetProperty("state").GetString() == "building"); time++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            nuclei = await server.GetAsync($"/api/slides/{id}/nuclei");
        }

        Assert.Equal("failed", nuclei.GetProperty("state").GetString());
        Assert.Contains("the server's log tells more", nuclei.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("can't be read", server.Log, StringComparison.Ordinal);
    }

    private static string Box(int x, int y, int side)
    {
        var (right, bottom) = (x + side, y + side);
        var ring = $"[[{x},{y}],[{right},{y}],[{right},{bottom}],[{x},{bottom}]]";
        return "{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[" + ring + "]}}";
    }

    private static async Task<JsonElement> RegionAsync(RunningServer server, string id, object query)
    {
        using var answer = await server.ChangeAsync(HttpMethod.Post, $"/api/slides/{id}/nuclei/region", query);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }
}
