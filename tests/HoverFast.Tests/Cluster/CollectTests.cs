using System.Globalization;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using HoverFast.Cli;
using HoverFast.Cluster.Cohort;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Cluster;

/// <summary>Results brought together, as DuckDB and GeoPandas see them.</summary>
public sealed class CollectTests : IDisposable
{
    private const string Nucleus =
        """
        {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]]]},
         "properties":{"classification":{"name":"Stromal"},"measurements":{"Nucleus: Area µm^2":7}}}
        """;

    private readonly BatchOfSlides _batch = new(3);

    public void Dispose() => _batch.Dispose();

    [Fact]
    public async Task TablesHoldEverySlideAndEveryNucleusWhateverTheResultsAreWrittenAs()
    {
        var results = _batch.File("results");
        Assert.Equal(ExitCode.Success, (await _batch.SegmentAsync(results, "--measurements", "all")).ExitCode);

        // The same nuclei from the other kind of file, beside what GeoJSON gives.
        var parquet = _batch.File("parquet");
        Assert.Equal(
            ExitCode.Success,
            (
                await ChildProcess.HoverFastAsync(
                    "segment",
                    _batch.Slides,
                    "-o",
                    parquet,
                    "--model",
                    _batch.Model,
                    "--threads",
                    "1",
                    "--write",
                    "parquet",
                    "--measurements",
                    "all")).ExitCode);

        // Members that another version adds become columns.
        var manifest = Path.Combine(results, "s01.manifest.json");
        var changed = JsonNode.Parse(await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken))!;
        changed["quality"] = new JsonObject { ["focus"] = 0.75, ["isUsable"] = true };
        await File.WriteAllTextAsync(manifest, changed.ToJsonString(), TestContext.Current.CancellationToken);

        var (table, nuclei, other, report) = (_batch.File("cohort.parquet"), _batch.File("nuclei"), _batch.File("other"), _batch.File("cohort.html"));
        var ended = await ChildProcess.HoverFastAsync("collect", results, "-o", table, "--nuclei", nuclei, "--report", report);
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error);
        Assert.Equal(ExitCode.Success, (await ChildProcess.HoverFastAsync("collect", parquet, "-o", _batch.File("other.parquet"), "--nuclei", other)).ExitCode);

        Assert.Equal(
            "3,3,1,0.75,true",
            Query($"select count(*), count(nuclei), count(quality_focus), max(quality_focus), bool_or(quality_is_usable) from '{table}'"));
        var manifests = Directory.GetFiles(results, "*.manifest.json").Select(f => JsonNode.Parse(File.ReadAllText(f))!["counts"]!).ToList();
        var all = manifests.Sum(m => (long)m["nuclei"]!);
        Assert.True(all > 300, $"{all} nuclei prove little");
        Assert.Equal($"{all}", Query($"select sum(nuclei)::bigint from '{table}'"));
        Assert.Equal(
            manifests.Sum(m => (double)m["tissueArea"]!),
            double.Parse(Query($"select sum(tissue_mm2) from '{table}'"), CultureInfo.InvariantCulture),
            9);

        Assert.Equal(
            $"{all},{all},3",
            Query($"select count(*), count(distinct id), count(distinct slide) from read_parquet('{nuclei}/*/*.parquet', hive_partitioning = true)"));
        var differences = Query(
            $"select count(*), max(abs(a.x_px - b.x_px)), max(abs(a.y_um - b.y_um)), max(abs(a.area_um2 - b.area_um2)), max(abs(a.solidity - "
                + $"b.solidity)), bool_and(st_aswkb(a.geometry) = st_aswkb(b.geometry) and a.bbox = b.bbox) "
            + $"from read_parquet('{nuclei}/*/*.parquet', hive_partitioning = true) a join read_parquet('{other}/*/*.parquet', hive_partitioning = "
                + $"true) b on a.id = b.id and a.slide = b.slide").Split(',');
        Assert.Equal($"{all}", differences[0]);

        // The centroid is that of the rounded outline.
        Assert.All(differences[1..5], d => Assert.InRange(double.Parse(d, CultureInfo.InvariantCulture), 0, 0.03));
        Assert.Equal("true", differences[5]);

        var html = await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
        Assert.Contains("<h1>3 slides</h1>", html, StringComparison.Ordinal);
        Assert.Contains("quality focus", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http:", html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);

        // A slide that is taken away leaves the nuclei with it.
        File.Delete(manifest);
        Assert.Equal(ExitCode.Success, (await ChildProcess.HoverFastAsync("collect", results, "-o", table, "--nuclei", nuclei)).ExitCode);
        Assert.Equal(["slide=s00", "slide=s02"], Directory.GetDirectories(nuclei).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task WhatCanNotBeReadIsNamedAndTheRestIsDone()
    {
        var results = _batch.File("results");
        Assert.Equal(ExitCode.Success, (await _batch.SegmentAsync(results)).ExitCode);
        await File.WriteAllTextAsync(Path.Combine(results, "s00.manifest.json"), "{ half", TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(results, "s01.geojson.gz"));
        var ended = await ChildProcess.HoverFastAsync(
            "collect",
            results,
            "-o",
            _batch.File("c.parquet"),
            "--nuclei",
            _batch.File("n"),
            "--report",
            _batch.File("r.html"));
        Assert.Equal(ExitCode.SomeFailed, ended.ExitCode);
        Assert.Contains("s00.manifest.json can't be read as a manifest", ended.Error, StringComparison.Ordinal);
        Assert.Contains("s01 has neither Parquet nor GeoJSON", ended.Error, StringComparison.Ordinal);
        Assert.Equal("2", Query($"select count(*) from '{_batch.File("c.parquet")}'"));
        Assert.Contains("unreadable", await File.ReadAllTextAsync(_batch.File("r.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var empty = await ChildProcess.HoverFastAsync("collect", _batch.Slides, "-o", _batch.File("e.parquet"));
        Assert.Equal(ExitCode.CannotStart, empty.ExitCode);
        Assert.False(File.Exists(_batch.File("e.parquet")));
    }

    [Fact]
    public async Task NucleiThatCanNotBeHadAnyMoreLeaveTheTableAndTheRestIsDone()
    {
        var results = _batch.File("results");
        Assert.Equal(ExitCode.Success, (await _batch.SegmentAsync(results)).ExitCode);
        var (table, nuclei) = (_batch.File("c.parquet"), _batch.File("n"));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["collect", results, "-o", table, "--nuclei", nuclei]));

        // As somebody else's program saved it.
        File.Delete(Path.Combine(results, "s00.geojson.gz"));
        await File.WriteAllTextAsync(
            Path.Combine(results, "s00.geojson.gz"),
            """{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"classification":{"name":5}}}]}""",
            TestContext.Current.CancellationToken);
        var ended = await ChildProcess.HoverFastAsync("collect", results, "-o", table, "--nuclei", nuclei);
        Assert.Equal(ExitCode.SomeFailed, ended.ExitCode);
        Assert.Contains("s00: its nuclei can't be read", ended.Error, StringComparison.Ordinal);
        Assert.Equal(["slide=s01", "slide=s02"], Directory.GetDirectories(nuclei).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ASlideWithoutNucleiHasTheColumnsOfTheOthersAndNamesMayBeLong()
    {
        var results = Directory.CreateDirectory(_batch.File("results")).FullName;
        var name = new string('ж', 45);
        Result("a", 0, "");
        Result(name, 1, Nucleus);
        var nuclei = _batch.File("n");
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["collect", results, "-o", _batch.File("c.parquet"), "--nuclei", nuclei]));
        Assert.Equal(
            $"{name},1,7",
            Query(
                $"select max(slide), count(*), max(area_um2)::int from read_parquet('{nuclei}/*/*.parquet', hive_partitioning = true) "
                    + "where class = 'Stromal'"));

        void Result(string slide, int count, string features)
        {
            File.WriteAllText(
                Path.Combine(results, slide + ".manifest.json"),
                $$"""{"counts":{"nuclei":{{count}}},"slide":{"mpp":0.25},"outputs":[{"file":"{{slide}}.geojson"}]}""");
            File.WriteAllText(Path.Combine(results, slide + ".geojson"), $$"""{"type":"FeatureCollection","features":[{{features}}]}""");
        }
    }

    [Fact]
    public void TypesWhoseNamesDifferBySignsAloneHaveColumnsOfTheirOwn()
    {
        var path = _batch.File("a.manifest.json");
        foreach (var types in (string[])["{\"CD3+\":5,\"CD3-\":7}", "{\"CD3-\":7,\"CD3+\":5}"])
        {
            File.WriteAllText(path, "{\"counts\":{\"types\":" + types + "}}");
            var row = CohortRow.Read(path);
            Assert.Equal((5, 7), (row.Number("counts_types_cd3_positive"), row.Number("counts_types_cd3_negative")));
        }
    }

    [Theory]
    [InlineData(0.5, 200)]
    [InlineData(1, double.NaN)]
    public void DensityIsThatOfTheTissueWhoseNucleiCount(double leftOut, double density)
    {
        var path = _batch.File("a.manifest.json");
        File.WriteAllText(
            path,
            string.Create(CultureInfo.InvariantCulture, $$"""{"counts":{"nuclei":100,"tissueArea":1},"leftOut":{"nuclei":70,"area":{{leftOut}} } }"""));
        Assert.Equal(density, CohortRow.Read(path).Number("density_per_mm2"));
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"<p>100 nuclei in {1 - leftOut:N1} mm2 of tissue"),
            CohortReport.Html(CohortTable.Read(Path.GetDirectoryName(path)!)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void TheMedianOfAnEvenNumberLiesBetweenBothInTheMiddle()
    {
        var results = Directory.CreateDirectory(_batch.File("results")).FullName;
        foreach (var (slide, nuclei) in ((string, int)[])[("a", 100), ("b", 200), ("c", 700), ("d", 300)])
        {
            File.WriteAllText(Path.Combine(results, slide + ".manifest.json"), $"{{\"counts\":{{\"nuclei\":{nuclei}}}}}");
        }

        Assert.Contains("nuclei: from 100 to 700, median 250\"", CohortReport.Html(CohortTable.Read(results)), StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyWhatIsFarFromTheOthersIsAnOutlier()
    {
        double[] values = [100, 110, 90, 105, 95, 100, 102, 98, 5000, double.NaN];
        var (index, score) = Assert.Single(Outliers.Of(values));
        Assert.Equal(8, index);
        Assert.True(score > 3.5);
        Assert.Empty(Outliers.Of([1, 2, 3]));
        Assert.Empty(Outliers.Of([.. Enumerable.Repeat(1.0, 20), 7]));
    }

    [Theory]
    [InlineData("medianNucleusArea", "median_nucleus_area")]
    [InlineData("sha256", "sha256")]
    [InlineData("Nucleus: Area um^2", "nucleus_area_um_2")]
    [InlineData("MPP", "mpp")]
    public void NamesBecomeColumns(string name, string column) => Assert.Equal(column, CohortRow.Snake(name));

    private static string Query(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        return string.Join(
            ',',
            Enumerable.Range(0, reader.FieldCount).Select(
                i => reader.GetValue(i) is bool b ? (b ? "true" : "false") : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture)));
    }
}
