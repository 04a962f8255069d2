using HoverFast.Slides;
using HoverFast.Slides.Dicom;
using HoverFast.Synthetic;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>A real server: what Orthanc makes of slides is read, from its files and over DICOMweb, to the same pixels and nuclei.</summary>
public sealed class OrthancTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task ASlideOfItsDicomizerHasTheSameNucleiOverDicomWebAsFromItsFiles()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var server = await OrthancServer.StartAsync(cancellation);
        var original = _folder.File("slide.svs");
        SyntheticSlide.Write(
            original,
            new SyntheticSlideOptions
            {
                Size = new PixelSize(2400, 1800),
                Mpp = new Mpp(0.25),
                TissueFraction = 0.6,
                ShareTiles = false,
                JpegQuality = 95,
            });
        await server.DicomizeAsync(original, 2400 * 0.00025, 1800 * 0.00025, cancellation);
        Directory.CreateDirectory(_folder.File("dicom"));
        var files = await server.ExportAsync(_folder.File("dicom"), cancellation);

        // One slide, whose levels are cut into instances of a megabyte.
        var file = Assert.Single(Slide.Among(files));
        Assert.True(files.Length > 2, $"{files.Length} instances are no concatenation");
        Assert.Equal(files.Length, Slide.FilesOf(file).Count);
        using var fromFiles = Slide.Open(file);
        var elements = DicomHeader.TryRead(file)!;
        using var fromServer = Slide.Open($"{server.DicomWeb}/studies/{elements.Study}/series/{elements.Series}");
        Assert.Equal(fromFiles.Levels, fromServer.Levels);
        Assert.Equal(new PixelSize(2400, 1800), fromServer.Levels[0].Size);
        Assert.Equal(0.25, fromServer.Calibration!.Mpp.MicronsPerPixel, 1e-4);
        using (var tiff = Slide.Open(original))
        {
            TestPicture.AssertClose(TestPicture.ReadLevel(tiff), TestPicture.ReadLevel(fromFiles), 4);
        }

        TestPicture.AssertSame(TestPicture.ReadLevel(fromFiles), TestPicture.ReadLevel(fromServer));

        using var segmenter = new SlideSegmenter();
        var expected = await NucleiOfAsync(segmenter, file);
        Assert.InRange(expected.Count, 50, 5000);
        Assert.Equal(expected, await NucleiOfAsync(segmenter, fromServer.Path));
    }

    [Theory]
    [InlineData(DicomTransferSyntax.ExplicitLittleEndian)]
    [InlineData(DicomTransferSyntax.JpegBaseline)]
    [InlineData(DicomTransferSyntax.Jpeg2000Lossless)]
    public async Task FramesComeAsTheyAreStored(string syntax)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var server = await OrthancServer.StartAsync(cancellation);
        var picture = TestPicture.Make(61, 47);
        var instance = TestDicomInstance.Of(picture, syntax == DicomTransferSyntax.Jpeg2000Lossless ? 64 : 32, syntax);
        if (syntax == DicomTransferSyntax.Jpeg2000Lossless)
        {
            instance.Elements.Set(DicomTag.Rows, 47);
            instance.Elements.Set(DicomTag.Columns, 61);
            instance.Frames[0] = TestPicture.Embedded("lossless.j2k");
        }

        var bytes = instance.ToBytes();
        await server.StoreAsync(bytes, cancellation);
        using var file = Slide.Open(_folder.Write("a.dcm", bytes));
        using var slide = Slide.Open($"{server.DicomWeb}/studies/1.2");
        TestPicture.AssertSame(TestPicture.ReadLevel(file), TestPicture.ReadLevel(slide));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<List<(double X, double Y, double Area)>> NucleiOfAsync(SlideSegmenter segmenter, string path)
    {
        var nuclei = new List<(double, double, double)>();
        await foreach (var nucleus in segmenter.FindNucleiAsync(path, TestContext.Current.CancellationToken))
        {
            nuclei.Add((nucleus.Centroid.X, nucleus.Centroid.Y, nucleus.Area));
        }

        nuclei.Sort();
        return nuclei;
    }
}
