using System.IO.Compression;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Pipeline;
using HoverFast.Tests.Slides;
using Xunit;

namespace HoverFast.Tests.Guards;

/// <summary>A folder as scanners and archives export it: the level files of a series.</summary>
public sealed class DicomFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ASeriesIsSegmentedAsOneSlide()
    {
        var model = DarknessModel.Write(_folder.Path);
        var series = Directory.CreateDirectory(_folder.File("series")).FullName;
        var drawn = Path.Combine(_folder.Path, "drawn.png");
        DarkDiscs.Write(drawn, 640);
        var picture = RgbImageFile.Read(drawn);
        var small = new RgbImage(320, 320);
        for (var y = 0; y < small.Height; y++)
        {
            for (var x = 0; x < small.Width; x++)
            {
                picture.Row(2 * y).Slice(6 * x, 3).CopyTo(small.Row(y)[(3 * x)..]);
            }
        }

        await Write("level-0.dcm", TestDicom.Make(picture, TestDicom.Jpeg));
        await Write("level-1.dcm", TestDicom.Make(small, TestDicom.Jpeg, spacing: 0.0005));

        var output = _folder.File("out");
        var ended = await ChildProcess.HoverFastAsync("segment", series, "-o", output, "--model", model, "--output", "geojson");

        Assert.True(ended.ExitCode == ExitCode.Success, ended.Output + ended.Error);
        var result = Assert.Single(Directory.GetFiles(output, "*.geojson.gz"));
        using var text = new StreamReader(new GZipStream(File.OpenRead(result), CompressionMode.Decompress));
        var nuclei = JsonNode.Parse(await text.ReadToEndAsync(TestContext.Current.CancellationToken))!["features"]!.AsArray();

        // 8 x 8 discs of radius 15 around 40, 120, 200 ...; coordinates are those of the finest level.
        Assert.Equal(64, nuclei.Count);
        Assert.All(nuclei, n =>
        {
            var ring = n!["geometry"]!["coordinates"]![0]!.AsArray();
            var (x, y) = (ring.Average(p => (double)p![0]!), ring.Average(p => (double)p![1]!));
            Assert.InRange(Math.Abs((x % 80) - 40) + Math.Abs((y % 80) - 40), 0, 4);
        });

        Task Write(string name, byte[] bytes) => File.WriteAllBytesAsync(Path.Combine(series, name), bytes, TestContext.Current.CancellationToken);
    }
}
