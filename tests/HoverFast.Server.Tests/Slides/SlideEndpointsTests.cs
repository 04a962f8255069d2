using System.Net;
using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Server.Slides;
using HoverFast.Slides;
using HoverFast.Tests;
using HoverFast.Tests.Slides;
using Xunit;

namespace HoverFast.Server.Tests.Slides;

/// <summary>The list of slides, their tiles and pictures are those of the files.</summary>
public sealed class SlideEndpointsTests(SegmentedSlides data) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SlidesAreListedWithAndWithoutResult()
    {
        var server = await data.ServerAsync();
        var slides = (await server.GetAsync("/api/slides")).EnumerateArray().ToList();
        Assert.Equal([SegmentedSlides.Done, SegmentedSlides.New], slides.Select(s => s.GetProperty("name").GetString()));
        Assert.Equal([true, false], slides.Select(s => s.GetProperty("hasResult").GetBoolean()));
        Assert.Equal(data.Manifest.Counts.Nuclei, slides[0].GetProperty("nuclei").GetInt64());
        Assert.Equal(data.Manifest.Quality!.ExpectedPq, slides[0].GetProperty("quality").GetProperty("expectedPq").GetDouble());
        Assert.Equal(data.Manifest.Quality.Advice, slides[0].GetProperty("quality").GetProperty("advice").GetString());
        Assert.Equal(JsonValueKind.Null, slides[1].GetProperty("quality").ValueKind);

        var slide = await server.GetAsync($"/api/slides/{await server.IdOfAsync(SegmentedSlides.Done)}");
        Assert.Equal((4000, 3000), (slide.GetProperty("width").GetInt32(), slide.GetProperty("height").GetInt32()));
        Assert.Equal(0.25, slide.GetProperty("mpp").GetDouble());
    }

    /// <summary>The page divides nuclei by it; those that were left out because of artefacts don't count.</summary>
    [Fact]
    public async Task TissueIsThatWhoseNucleiCount()
    {
        var results = data.CopyResults(_folder);
        var left = new ManifestLeftOut { Area = 0.01, Nuclei = 5, Reasons = new Dictionary<string, int>(), Fields = [] };
        (data.Manifest with { LeftOut = left }).Write(Manifest.PathFor(results, SegmentedSlides.Done));
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var slide = (await server.GetAsync("/api/slides")).EnumerateArray().First();
        Assert.Equal(data.Manifest.Counts.TissueArea - 0.01, slide.GetProperty("tissue").GetDouble(), 9);
    }

    /// <summary>Results may lie among the slides: their overlays and label images are no slides, nor are the server's own pictures.</summary>
    [Fact]
    public async Task ResultsAmongTheSlidesAreNoSlides()
    {
        var slides = data.CopyResults(_folder);
        File.Copy(Path.Combine(data.Slides, SegmentedSlides.Done + ".svs"), Path.Combine(slides, SegmentedSlides.Done + ".svs"));
        RgbImageFile.WritePng(Path.Combine(slides, SegmentedSlides.Done + ".overlay.png"), new RgbImage(10, 10));
        using var server = await RunningServer.StartAsync(slides, slides);
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        await server.Client.GetByteArrayAsync($"/api/slides/{id}/thumbnail", TestContext.Current.CancellationToken);
        await Task.Delay(3500, TestContext.Current.CancellationToken);
        Assert.Single((await server.GetAsync("/api/slides")).EnumerateArray());
    }

    [Fact]
    public async Task TilesShowThePixelsOfTheSlideAtEveryLevel()
    {
        var server = await data.ServerAsync();
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        var levels = (await server.GetAsync($"/api/slides/{id}")).GetProperty("levels").EnumerateArray().ToList();
        Assert.True(levels.Count >= 4);
        using var slide = Slide.Open(Path.Combine(data.Slides, SegmentedSlides.Done + ".svs"));
        for (var level = 0; level < levels.Count; level++)
        {
            var (width, height) = (levels[level].GetProperty("tileWidth").GetInt32(), levels[level].GetProperty("tileHeight").GetInt32());
            var resolution = levels[level].GetProperty("resolution").GetDouble();
            var path = _folder.File("tile.jpg");
            await File.WriteAllBytesAsync(
                path,
                await server.Client.GetByteArrayAsync($"/api/slides/{id}/tiles/{level}/0/0", TestContext.Current.CancellationToken),
                TestContext.Current.CancellationToken);
            var tile = RgbImageFile.Read(path);
            Assert.Equal(new PixelSize(width, height), tile.Size);

            // The mean of the part that lies on the slide, to within what JPEG changes.
            var inside = new PixelSize(Math.Min(width, (int)(4000 / resolution)), Math.Min(height, (int)(3000 / resolution)));
            var region = new RgbImage((int)(inside.Width * resolution), (int)(inside.Height * resolution));
            slide.Read(0, 1, new PixelRect(0, 0, region.Width, region.Height), region);
            Assert.Equal(Mean(region, region.Size), Mean(tile, inside), 1.5);
        }
    }

    [Fact]
    public async Task ThumbnailsAreMadeOnceAndTilesAreKnownByTheirTag()
    {
        var results = data.CopyResults(_folder);
        using var server = await RunningServer.StartAsync(results, data.Slides);
        var id = await server.IdOfAsync(SegmentedSlides.Done);
        var first = await server.Client.GetByteArrayAsync($"/api/slides/{id}/thumbnail", TestContext.Current.CancellationToken);
        Assert.Equal(
            first,
            await File.ReadAllBytesAsync(
                Directory.GetFiles(Path.Combine(results, ".viewer", "thumbnails")).Single(),
                TestContext.Current.CancellationToken));

        using var answer = await server.Client.GetAsync($"/api/slides/{id}/tiles/0/0/0", TestContext.Current.CancellationToken);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"/api/slides/{id}/tiles/0/0/0");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await server.Client.SendAsync(again, TestContext.Current.CancellationToken)).StatusCode);
    }

    /// <summary>What a scanner scanned may be a small part of a white level 0, as in MIRAX: the list shows that part.</summary>
    [Fact]
    public void AThumbnailShowsWhatWasScanned()
    {
        var (picture, bounds) = (TestPicture.Make(400, 300), new PixelRect(100, 60, 200, 150));
        RgbImageFile.WritePng(_folder.File("a.png"), picture);
        using var whole = Slide.Open(_folder.File("a.png"));
        using var slide = new OpenSlide(new PartOfSlide(whole, bounds));
        TestPicture.AssertSame(TestPicture.Crop(picture, bounds), slide.Thumbnail(200));
        Assert.Equal(new PixelSize(100, 75), slide.Thumbnail(100).Size);
    }

    [Theory]
    [InlineData("tiles/0/1000/0", HttpStatusCode.NotFound)]
    [InlineData("tiles/0/-1/0", HttpStatusCode.NotFound)]
    [InlineData("tiles/99/0/0", HttpStatusCode.NotFound)]
    [InlineData("tiles/0/0/99999999999", HttpStatusCode.NotFound)]
    [InlineData("pictures/label", HttpStatusCode.NotFound)]
    public async Task WhatIsNotThereIsNotFound(string what, HttpStatusCode status)
    {
        var server = await data.ServerAsync();
        using var answer = await server.Client.GetAsync(
            $"/api/slides/{await server.IdOfAsync(SegmentedSlides.Done)}/{what}",
            TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
    }

    /// <summary>The label carries the patient's name: it comes on request, and that is written down.</summary>
    [Fact]
    public async Task ALabelIsShownOnRequestAndThatIsLogged()
    {
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        File.Copy(SharedData.Require("slides/CMU-1-Small-Region.svs"), Path.Combine(slides, "cmu.svs"));
        using var server = await RunningServer.StartAsync(_folder.File("results"), slides);
        var id = await server.IdOfAsync("cmu");
        Assert.Equal(["label", "macro"], (await server.GetAsync($"/api/slides/{id}")).GetProperty("pictures").EnumerateArray().Select(p => p.GetString()));
        var path = _folder.File("label.jpg");
        await File.WriteAllBytesAsync(
            path,
            await server.Client.GetByteArrayAsync($"/api/slides/{id}/pictures/label", TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken);
        Assert.Equal(new PixelSize(387, 463), RgbImageFile.Read(path).Size);
        var log = await server.GetAsync("/api/log");
        Assert.Equal(
            ("local", "see label", "cmu"),
            (log[0].GetProperty("account").GetString(), log[0].GetProperty("verb").GetString(), log[0].GetProperty("subject").GetString()));
    }

    /// <summary>A JPEG tile of the file is handed on as it is: the bytes of its scan are the file's.</summary>
    [Fact]
    public async Task StoredTilesAreHandedOnUntouched()
    {
        var server = await data.ServerAsync();
        var tile = await server.Client.GetByteArrayAsync(
            $"/api/slides/{await server.IdOfAsync(SegmentedSlides.Done)}/tiles/0/1/1",
            TestContext.Current.CancellationToken);
        var file = await File.ReadAllBytesAsync(Path.Combine(data.Slides, SegmentedSlides.Done + ".svs"), TestContext.Current.CancellationToken);
        Assert.True(file.AsSpan().IndexOf(tile.AsSpan(tile.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]))) > 0);
    }

    /// <summary>Of a DICOM slide too: its JPEG frames are handed on, its label and overview come on request, and the label is written down.</summary>
    [Fact]
    public async Task ADicomSlideShowsItsFramesItsLabelAndItsOverview()
    {
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        var (label, overview) = (TestPicture.Make(60, 40, 2), TestPicture.Make(90, 30, 3));
        var file = TestDicom.Make(TestPicture.Make(600, 500), TestDicom.Jpeg, tile: 256, study: "1.2");
        await Task.WhenAll(
            WriteAsync("a.dcm", file),
            WriteAsync("b.dcm", TestDicom.Make(label, TestDicom.Uncompressed, study: "1.2", type: @"ORIGINAL\PRIMARY\LABEL\NONE")),
            WriteAsync("c.dcm", TestDicom.Make(overview, TestDicom.Uncompressed, study: "1.2", type: @"ORIGINAL\PRIMARY\OVERVIEW\NONE")),
            WriteAsync("Z.dcm", TestDicom.Make(overview, TestDicom.Uncompressed, study: "1.2", series: "9", type: @"ORIGINAL\PRIMARY\LABEL\NONE")));
        using var server = await RunningServer.StartAsync(_folder.File("results"), slides);
        var name = Assert.Single((await server.GetAsync("/api/slides")).EnumerateArray()).GetProperty("name").GetString()!;
        var id = await server.IdOfAsync(name);
        var tile = await server.Client.GetByteArrayAsync($"/api/slides/{id}/tiles/0/1/1", TestContext.Current.CancellationToken);
        Assert.True(file.AsSpan().IndexOf(tile.AsSpan(tile.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]))) > 0);

        Assert.Equal(["label", "overview"], (await server.GetAsync($"/api/slides/{id}")).GetProperty("pictures").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal(0, (await server.GetAsync("/api/log")).GetArrayLength());
        foreach (var (what, picture) in ((string, RgbImage)[])[("label", label), ("overview", overview)])
        {
            var path = _folder.File("picture.jpg");
            await File.WriteAllBytesAsync(
                path,
                await server.Client.GetByteArrayAsync($"/api/slides/{id}/pictures/{what}", TestContext.Current.CancellationToken),
                TestContext.Current.CancellationToken);
            var shown = RgbImageFile.Read(path);
            Assert.Equal(picture.Size, shown.Size);
            Assert.Equal(Mean(picture, picture.Size), Mean(shown, shown.Size), 1.5);
            Assert.Equal("see " + what, (await server.GetAsync("/api/log"))[0].GetProperty("verb").GetString());
        }

        Task WriteAsync(string name, byte[] bytes) => File.WriteAllBytesAsync(Path.Combine(slides, name), bytes, TestContext.Current.CancellationToken);
    }

    private static double Mean(RgbImage image, PixelSize part)
    {
        var sum = 0.0;
        for (var y = 0; y < part.Height; y++)
        {
            foreach (var value in image.Row(y)[..(part.Width * 3)])
            {
                sum += value;
            }
        }

        return sum / (part.Area * 3);
    }
}
