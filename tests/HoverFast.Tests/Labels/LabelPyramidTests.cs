using System.Runtime.InteropServices;
using System.Text.Json;
using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Slides.Tiff;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Labels;

/// <summary>Label TIFFs as other programs see them: OME-TIFF with smaller levels.</summary>
public sealed class LabelPyramidTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string Vips = "/usr/bin/vips";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EachLevelTakesEverySecondPixelOfTheOneBefore()
    {
        var image = Random(1100, 700);
        var path = _folder.File("a.tif");
        LabelImageFile.WriteTiff(path, image, new Mpp(0.25));
        Assert.Equal(image.Labels, LabelImageFile.Read(path).Labels);
        using var file = TiffFile.Open(path);
        var smaller = file.Directories[0].Numbers(TiffTag.SubIfds).Select(file.ReadDirectory).ToList();
        var expected = Levels(image).Skip(1).ToList();
        Assert.Equal(
            expected.Select(l => (l.Width, l.Height)),
            smaller.Select(d => ((int)d.Number(TiffTag.ImageWidth, 0), (int)d.Number(TiffTag.ImageLength, 0))));
        Assert.All(smaller, d => Assert.Equal(1, d.Number(TiffTag.NewSubfileType, 0)));
    }

    [Fact]
    public void APictureOfOneTileHasNoSmallerLevels()
    {
        var path = _folder.File("a.tif");
        LabelImageFile.WriteTiff(path, Random(256, 100));
        using var file = TiffFile.Open(path);
        Assert.False(file.Directories[0].Has(TiffTag.SubIfds));
    }

    [Fact]
    public async Task TifffileReadsAllLevelsOfTheOmeTiff()
    {
        Assert.SkipUnless(
            File.Exists(Python) && (await ChildProcess.RunAsync(Python, ["-c", "import tifffile"])).ExitCode == 0,
            "needs tifffile (on Debian: apt-get install python3-tifffile)");
        var image = Random(1100, 700);
        var path = _folder.File("a.tif");
        LabelImageFile.WriteTiff(path, image, new Mpp(0.2525));
        const string Script = """
            import json, sys, tifffile
            with tifffile.TiffFile(sys.argv[1]) as file:
                series = file.series[0]
                for i, level in enumerate(series.levels):
                    level.asarray().astype('<i4').tofile(f'{sys.argv[1]}.{i}')
                print(json.dumps({'ome': file.is_ome, 'axes': series.axes, 'type': str(series.dtype), 'levels': len(series.levels), 'xml': file.ome_metadata, 'pages': len(file.pages)}))
            """;
        var read = await ChildProcess.RunAsync(Python, ["-c", Script, path]);
        Assert.True(read.ExitCode == 0, read.Error);
        using var json = JsonDocument.Parse(read.Output);
        Assert.True(json.RootElement.GetProperty("ome").GetBoolean());
        Assert.Equal("YX", json.RootElement.GetProperty("axes").GetString());
        Assert.Equal("int32", json.RootElement.GetProperty("type").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("pages").GetInt32());
        Assert.Contains("PhysicalSizeX=\"0.2525\"", json.RootElement.GetProperty("xml").GetString(), StringComparison.Ordinal);
        var expected = Levels(image).ToList();
        Assert.Equal(expected.Count, json.RootElement.GetProperty("levels").GetInt32());
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Labels, MemoryMarshal.Cast<byte, int>(File.ReadAllBytes($"{path}.{i}")).ToArray());
        }
    }

    [Fact]
    public async Task LibvipsReadsAllLevels()
    {
        Assert.SkipUnless(File.Exists(Vips), "needs libvips (on Debian: apt-get install libvips-tools)");
        var image = Random(1100, 700);
        var path = _folder.File("a.tif");
        LabelImageFile.WriteTiff(path, image, new Mpp(0.25));
        var expected = Levels(image).ToList();
        for (var i = 0; i < expected.Count; i++)
        {
            var raw = $"{path}.{i}.raw";
            var read = await ChildProcess.RunAsync(Vips, ["rawsave", $"{path}[subifd={i - 1}]", raw]);
            Assert.True(read.ExitCode == 0, read.Error);
            Assert.Equal(expected[i].Labels, MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(raw)).ToArray());
        }
    }

    /// <summary>Labels in blobs with background between them, so that some tiles are blank.</summary>
    private static LabelImage Random(int width, int height)
    {
        var random = new Random(width);
        var image = new LabelImage(width, height);
        for (var label = 1; label <= 60; label++)
        {
            var (x, y) = (random.Next(width - 40), random.Next(height / 2));
            for (var row = y; row < y + 30 && row < height; row++)
            {
                image.Labels.AsSpan((row * width) + x, 40).Fill(label * 100_000);
            }
        }

        return image;
    }

    private static IEnumerable<LabelImage> Levels(LabelImage image)
    {
        while (true)
        {
            yield return image;
            if (image.Width <= 256 && image.Height <= 256)
            {
                yield break;
            }

            var larger = image;
            image = new LabelImage((larger.Width + 1) / 2, (larger.Height + 1) / 2);
            for (var i = 0; i < image.Labels.Length; i++)
            {
                image.Labels[i] = larger.Labels[(i / image.Width * 2 * larger.Width) + (i % image.Width * 2)];
            }
        }
    }
}
