using HoverFast.Jobs;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Server.Nuclei;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Nuclei;

/// <summary>A result that holds only a Parquet table shows the same nuclei as one with GeoJSON.</summary>
public sealed class TableReaderTests(SegmentedSlides data) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Outlines, identities, types with their colours, values and their histograms: the index is the same to the byte.</summary>
    [Theory]
    [InlineData(MeasurementChoice.All)]
    [InlineData(MeasurementChoice.None)]
    public async Task BothFilesGiveTheSameIndex(MeasurementChoice measurements)
    {
        var results = await SegmentAsync(measurements, ResultKind.GeoJson, ResultKind.Parquet);
        var manifest = Manifest.TryRead(Path.Combine(results, SegmentedSlides.Done + ".manifest.json"))!;
        var indices = new List<byte[]>();
        foreach (var output in manifest.Outputs)
        {
            var path = _folder.File(output.Kind + ".db");
            IndexBuilder.Build(Path.Combine(results, output.File), manifest, path, _ => { }, TestContext.Current.CancellationToken);
            indices.Add(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
            using var index = new NucleusIndex(path);
            Assert.Equal(manifest.Counts.Nuclei, index.Summary.Count);
            Assert.NotEmpty(index.Summary.Classes);
        }

        Assert.Equal(2, indices.Count);
        Assert.Equal(indices[0], indices[1]);
    }

    [Fact]
    public async Task AResultWithATableAloneOpens()
    {
        using var server = await RunningServer.StartAsync(
            await SegmentAsync(MeasurementChoice.All, ResultKind.Parquet, ResultKind.QualityRegions),
            data.Slides);
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        var nuclei = await server.NucleiAsync(id);
        Assert.Equal("ready", nuclei.GetProperty("state").GetString());
        Assert.Equal(data.Manifest.Counts.Nuclei, nuclei.GetProperty("count").GetInt64());
        var feature = ResultFeatures.Of(data.Results)[17];
        var (x, y) = ResultFeatures.Inside(feature);
        var nucleus = (await server.GetAsync(FormattableString.Invariant($"/api/slides/{id}/nuclei/at?x={x}&y={y}"))).GetProperty("nucleus");
        Assert.Equal(feature.GetProperty("id").GetString(), nucleus.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.97)]
    public async Task ADamagedTableIsToldOf(double kept)
    {
        var results = await SegmentAsync(MeasurementChoice.All, ResultKind.Parquet);
        var table = Path.Combine(results, SegmentedSlides.Done + ".parquet");
        var bytes = await File.ReadAllBytesAsync(table, TestContext.Current.CancellationToken);

        // What lies before the description at the end, or the end itself.
        bytes = kept < 0.9 ? [.. bytes[..100], .. Enumerable.Repeat((byte)0x5A, bytes.Length / 2), .. bytes[(100 + (bytes.Length / 2))..]]
            : bytes[..(int)(bytes.Length * kept)];
        await File.WriteAllBytesAsync(table, bytes, TestContext.Current.CancellationToken);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var nuclei = await server.NucleiAsync(await server.IdOfAsync(SegmentedSlides.Done));
        Assert.Equal("failed", nuclei.GetProperty("state").GetString());
        Assert.StartsWith("The nuclei can't be read: ", nuclei.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private async Task<string> SegmentAsync(MeasurementChoice measurements, params ResultKind[] kinds)
    {
        var results = _folder.File("results");
        using var segmenter = new SlideSegmenter(settings: new SegmentSettings { Measurements = measurements });
        await segmenter.SegmentAsync(
            Path.Combine(data.Slides, SegmentedSlides.Done + ".svs"),
            results,
            new ResultOptions { Kinds = kinds },
            cancellation: TestContext.Current.CancellationToken);
        return results;
    }
}
