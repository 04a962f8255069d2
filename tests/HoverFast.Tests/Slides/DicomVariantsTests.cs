using HoverFast.Slides;
using HoverFast.Slides.Dicom;
using Xunit;
using static HoverFast.Tests.Slides.TestDicomInstance;

namespace HoverFast.Tests.Slides;

/// <summary>The ways in which real writers make DICOM slides, right and careless, are read to the same pixels.</summary>
public sealed class DicomVariantsTests : IDisposable
{
    private const string Jpeg = DicomTransferSyntax.JpegBaseline;
    private const string Brightfield = "111744";
    private const string Fluorescence = "111743";

    private readonly TemporaryFolder _folder = new();
    private readonly RgbImage _picture = TestPicture.Make(150, 101);

    [Theory]
    [InlineData(0, OffsetTable.None)]
    [InlineData(0, OffsetTable.Wrong)]
    [InlineData(0, OffsetTable.Extended)]
    [InlineData(500, OffsetTable.None)]
    [InlineData(500, OffsetTable.Right)]
    [InlineData(500, OffsetTable.Wrong)]
    [InlineData(500, OffsetTable.Extended)]
    public void FramesAreFoundWithAndWithoutTables(int fragmentLength, OffsetTable table)
    {
        using var plain = Open(Of(_picture, syntax: Jpeg, series: "1"), "plain");
        using var slide = Open(Of(_picture, syntax: Jpeg, fragmentLength: fragmentLength, table: table, series: "2"), "varied");
        TestPicture.AssertSame(TestPicture.ReadLevel(plain), TestPicture.ReadLevel(slide));
    }

    [Theory]
    [InlineData("RGB")]
    [InlineData("YBR_FULL")]
    [InlineData("YBR_ICT")]
    public void JfifIsYCbCrWhateverTheTagSays(string tag)
    {
        var instance = Of(_picture, syntax: Jpeg);
        instance.Elements.Set(DicomTag.Photometric, tag);
        using var slide = Open(instance);
        TestPicture.AssertClose(_picture, TestPicture.ReadLevel(slide), 6);
    }

    [Theory]
    [InlineData("RGB", 0, true)]
    [InlineData("YBR_FULL_422", 0, true)]
    [InlineData("RGB", 1, false)]
    [InlineData("RGB", -1, true)]
    [InlineData("YBR_FULL", -1, false)]
    public void AdobesMarkerThenTheTagSayWhatJpegHolds(string tag, int transform, bool isRgb)
    {
        // Full chroma, so that nothing but marker and tag tell the colours.
        var instance = Of(_picture, syntax: Jpeg);
        instance.Elements.Set(DicomTag.Photometric, tag);
        for (var f = 0; f < instance.Frames.Count; f++)
        {
            var part = TestPicture.Crop(_picture, new PixelRect(f % 3 * 64, f / 3 * 64, 64, 64));
            instance.Frames[f] = WithMarker(TestPicture.Jpeg(part, 98, fullChroma: true), transform);
        }

        using var slide = Open(instance);
        var read = TestPicture.ReadLevel(slide);
        var expected = isRgb ? YCbCrOf(_picture) : _picture;
        TestPicture.AssertClose(expected, read, 3);
    }

    [Fact]
    public void SharedFramesShowTheSamePicture()
    {
        var pictures = new List<RgbImage>();
        foreach (var (name, syntax, tag) in new[]
                 {
                     ("JPEG_2000_Image_Compression-RGB-8.jp2", DicomTransferSyntax.Jpeg2000, "RGB"),
                     ("JPEG_2000_Image_Compression-YBR-8.jp2", DicomTransferSyntax.Jpeg2000, "YBR_ICT"),
                     ("JPEG_2000_Image_Compression-YBR-8.jp2", DicomTransferSyntax.Jpeg2000Lossless, "YBR_RCT"),
                     ("JPEG_2000_Image_Compression-YBR-8.jp2", DicomTransferSyntax.Jpeg2000, "RGB"),
                     ("JPEG_Baseline_Process_1-RGB-8.jpg", Jpeg, "YBR_FULL_422"),
                     ("JPEG_Baseline_Process_1-YBR-8.jpg", Jpeg, "RGB"),
                 })
        {
            var instance = Of(new RgbImage(240, 240), tile: 240, syntax: syntax);
            instance.Elements.Set(DicomTag.Photometric, tag);
            instance.Frames[0] = File.ReadAllBytes(SharedData.Require("slides", "dicom", name));
            using var slide = Open(instance);
            pictures.Add(TestPicture.ReadLevel(slide));
        }

        Assert.All(pictures, p => TestPicture.AssertClose(pictures[0], p, 4));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 3)]
    [InlineData(true, 3)]
    public void ConcatenatedInstancesAreOneLevel(bool sparse, int total)
    {
        var whole = Of(_picture, syntax: Jpeg);
        if (sparse)
        {
            whole.Place(Enumerable.Range(0, 6).Select(f => (f % 3 * 64, f / 3 * 64, 0.0, "1")));
        }

        using var expected = Open(Of(_picture, syntax: Jpeg, series: "7"), "whole");
        var b = Write("a.dcm", whole.Part(2, 2, 3, total));
        Write("b.dcm", whole.Part(1, 0, 2, total));
        Write("c.dcm", whole.Part(3, 5, 1, total));
        Write("d.dcm", Of(TestPicture.Make(75, 50), syntax: Jpeg));
        using var slide = Slide.Open(b);
        Assert.Equal([new(150, 101), new PixelSize(75, 50)], slide.Levels.Select(l => l.Size));
        TestPicture.AssertSame(TestPicture.ReadLevel(expected), TestPicture.ReadLevel(slide));
        Assert.Equal(["b.dcm", "a.dcm", "c.dcm", "d.dcm"], Slide.FilesOf(b).Select(Path.GetFileName));

        File.Delete(_folder.File("b.dcm"));
        Refused("part 1", b);
        Write("b.dcm", whole.Part(1, 0, 2, total));
        File.Delete(_folder.File("c.dcm"));
        if (total > 0 || !sparse)
        {
            Refused(total > 0 ? "part 3 of 3" : "It needs 6 frames but holds 5", b);
        }
    }

    [Fact]
    public void AMissingPartOfALargerLevelIsNotPassedOver()
    {
        var whole = Of(_picture, syntax: Jpeg);
        Write("a.dcm", whole.Part(1, 0, 3, 2));
        Refused("part 2 of 2", Write("b.dcm", Of(TestPicture.Make(75, 50), syntax: Jpeg)));
    }

    [Fact]
    public void TheMiddlePlaneOfTheFirstBrightfieldPathIsRead()
    {
        var instance = Of(TestPicture.Make(150, 101, 11));
        for (var seed = 12; seed < 17; seed++)
        {
            // Planes vary before paths do.
            instance.Add(TestPicture.Make(150, 101, seed), 64);
        }

        instance.LightBy(("f", Fluorescence), ("b", Brightfield));
        instance.Elements.Set(DicomTag.FocalPlanes, 3);
        using var slide = Open(instance);
        TestPicture.AssertSame(TestPicture.Make(150, 101, 15), TestPicture.ReadLevel(slide));

        instance.Frames.RemoveAt(0);
        Refused("It needs 36 frames but holds 35", Write("short.dcm", instance));
    }

    [Fact]
    public void TheMiddlePlaneOfTheFirstBrightfieldPathIsReadFromSparseFramesToo()
    {
        var instance = Of(TestPicture.Make(150, 101, 11));
        var places = new List<(int, int, double, string)>();
        foreach (var (path, height, seed) in new[] { ("b", 5.0, 12), ("b", 0.0, 13), ("f", 2.5, 14), ("b", 2.5, 15) }.Prepend(("f", 0, 11)))
        {
            if (seed > 11)
            {
                instance.Add(TestPicture.Make(150, 101, seed), 64);
            }

            places.AddRange(Enumerable.Range(0, 6).Select(f => (f % 3 * 64, f / 3 * 64, height, path)));
        }

        instance.LightBy(("f", Fluorescence), ("b", Brightfield));
        instance.Place(places);
        using var slide = Open(instance);
        TestPicture.AssertSame(TestPicture.Make(150, 101, 15), TestPicture.ReadLevel(slide));
    }

    [Fact]
    public void TilesInFocusAtHeightsOfTheirOwnAreAllRead()
    {
        var instance = Of(_picture);
        instance.Place(Enumerable.Range(0, 6).Select(f => (f % 3 * 64, f / 3 * 64, f * 1.5, "")));
        using var slide = Open(instance);
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
    }

    [Fact]
    public void PlanesAndPathsMayBeInstancesOfTheirOwn()
    {
        foreach (
            var (name, seed, height, code) in new[]
            {
                ("a", 11, 4.0, Brightfield),
                ("b", 12, 0.0, Brightfield),
                ("c", 13, 2.0, Brightfield),
                ("d", 14, 2.0, Fluorescence),
            })
        {
            var instance = Of(TestPicture.Make(150, 101, seed), instance: "1.2." + seed);
            instance.Place(Enumerable.Range(0, 6).Select(f => (f % 3 * 64, f / 3 * 64, height, "1")));
            instance.LightBy(("1", code));
            Write(name, instance);
        }

        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            using var slide = Slide.Open(_folder.File(name));
            Assert.Single(slide.Levels);
            TestPicture.AssertSame(TestPicture.Make(150, 101, 13), TestPicture.ReadLevel(slide));
        }
    }

    [Fact]
    public void WhatOrthancsDicomizerLeavesOutIsMadeUpFor()
    {
        // No ImageType, no organisation of dimensions, no pixel spacing: the width of the whole is the only measure.
        var instance = Of(_picture, syntax: Jpeg);
        instance.Place(Enumerable.Range(0, 6).Select(f => (f % 3 * 64, f / 3 * 64, 0.0, "1")));
        var bare = With(instance, tag => tag != DicomTag.ImageType && tag != DicomTag.DimensionOrganization && tag != DicomTag.SharedGroups);
        bare.Elements.Set(DicomTag.ImagedWidth, 150 * 0.0005);
        bare.Elements.Set(DicomTag.ImagedHeight, 101 * 0.0005);
        using var slide = Open(bare);
        Assert.Equal(0.5, slide.Calibration!.Mpp.MicronsPerPixel, 1e-6);
        Assert.Equal("DICOM ImagedVolumeWidth", slide.Calibration.Source);
        TestPicture.AssertClose(_picture, TestPicture.ReadLevel(slide), 6);

        // It writes a spacing, too, whose sides are swapped.
        var measures = new DicomDataSet();
        measures.Set(DicomTag.PixelSpacing, 150 * 0.0005 / 101, 101 * 0.0005 / 150);
        bare.Elements.Set(DicomTag.SharedGroups, [Holding(DicomTag.PixelMeasures, measures)]);
        using var swapped = Open(bare);
        Assert.Equal(0.5, swapped.Calibration!.Mpp.MicronsPerPixel, 1e-6);
        Assert.Equal("DICOM ImagedVolumeWidth", new SlideCalibrator().Resolve(swapped).Source);
    }

    [Theory]
    [InlineData("MONOCHROME2")]
    [InlineData("MONOCHROME1")]
    [InlineData("YBR_FULL")]
    [InlineData("YBR_FULL_422")]
    [InlineData("planes")]
    public void UncompressedFramesOfEveryKindAreRead(string kind)
    {
        var smooth = Smooth(128, 128);
        var expected = smooth;
        var instance = Of(smooth, tile: 128);
        var rgb = instance.Frames[0];
        var ycc = YCbCrOf(smooth).Span.ToArray();
        switch (kind)
        {
            case "planes":
                instance.Elements.Set(DicomTag.PlanarConfiguration, 1);
                instance.Frames[0] = [.. Enumerable.Range(0, 3).SelectMany(c => rgb.Where((_, i) => i % 3 == c))];
                break;
            case "YBR_FULL":
                instance.Elements.Set(DicomTag.Photometric, kind);
                instance.Frames[0] = ycc;
                break;
            case "YBR_FULL_422":
                instance.Elements.Set(DicomTag.Photometric, kind);
                instance.Frames[0] = [.. ycc.Chunk(6).SelectMany(p => new[] { p[0], p[3], p[1], p[2] })];
                break;
            default:
                instance.Elements.Set(DicomTag.Photometric, kind);
                instance.Elements.Set(DicomTag.SamplesPerPixel, 1);
                instance.Frames[0] = [.. rgb.Where((_, i) => i % 3 == 0).Select(v => kind == "MONOCHROME1" ? (byte)(255 - v) : v)];
                expected = new RgbImage(128, 128);
                for (var i = 0; i < rgb.Length; i++)
                {
                    expected.Pixels[i] = rgb[i / 3 * 3];
                }

                break;
        }

        using var slide = Open(instance);
        TestPicture.AssertClose(expected, TestPicture.ReadLevel(slide), 1);
    }

    [Theory]
    [InlineData(128)]
    [InlineData(64 * 64 * 3 * 7)]
    public void WhatFollowsTheLastUncompressedFrameIsPassedOver(int surplus)
    {
        var instance = Of(_picture);
        instance.Frames[^1] = [.. instance.Frames[^1], .. new byte[surplus]];
        using var slide = Open(instance);
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
    }

    [Theory]
    [InlineData(DicomTransferSyntax.ExplicitLittleEndian)]
    [InlineData(Jpeg)]
    public void AnIconMayBeCompressed(string syntax)
    {
        // Undefined lengths all over, as the pixels of a compressed picture have them.
        byte[] header = [0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0];
        byte[] end = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
        byte[] icon =
        [
            0x88, 0x00, 0x00, 0x02, (byte)'S', (byte)'Q', 0, 0, .. header, 0xFF, 0xFF, 0xFF, 0xFF,
            0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'B', 0, 0, .. header, 0, 0, 0, 0, 0xFE, 0xFF, 0x00, 0xE0, 4, 0, 0, 0, 0xFF, 0xD8, 0xFF, 0xD9, .. end,
            0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, .. end,
        ];
        var whole = Of(_picture, syntax: syntax).ToBytes();
        Array.ForEach(["plain", "icon", "cut"], f => Directory.CreateDirectory(_folder.File(f)));
        var groups = whole.AsSpan().IndexOf(new byte[] { 0x00, 0x52, 0x29, 0x92 });
        using var plain = Slide.Open(_folder.Write("plain/a.dcm", whole));
        using var slide = Slide.Open(_folder.Write("icon/a.dcm", [.. whole[..groups], .. icon, .. whole[groups..]]));
        TestPicture.AssertSame(TestPicture.ReadLevel(plain), TestPicture.ReadLevel(slide));
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel, 1e-6);
        Assert.Throws<SlideException>(() => Slide.Open(_folder.Write("cut/a.dcm", [.. whole[..groups], .. icon[..^20]])));
    }

    [Fact]
    public void WhatIsntReadIsRefusedByName()
    {
        Refused("JPEG-LS (1.2.840.10008.1.2.4.80)", Write("a.dcm", Of(_picture, syntax: JpegLs)));
        foreach (var kind in new[] { "LABEL", "OVERVIEW", "THUMBNAIL", "LOCALIZER" })
        {
            var other = Of(_picture);
            other.Elements.Set(DicomTag.ImageType, "ORIGINAL", "PRIMARY", kind, "NONE");
            Refused(kind, Write("a.dcm", other));
        }

        Refused("JPEG-LS", SharedData.Require("slides", "dicom", "sm_image_jpegls.dcm"));
        Refused("no whole slide", SharedData.Require("slides", "dicom", "sm_annotations.dcm"));
    }

    [Theory]
    [InlineData(0x00280100u, 16)]
    [InlineData(0x00280101u, 7)]
    [InlineData(0x00280002u, 4)]
    public void OtherSamplesAreRefused(uint tag, int value)
    {
        var instance = Of(_picture);
        instance.Elements.Set(new DicomTag(tag), value);
        Refused("8 bits a sample", Write("a.dcm", instance));
    }

    [Fact]
    public void DualPersonalityFilesAreDicom()
    {
        var tiff = new byte[128];
        "II*\0"u8.CopyTo(tiff);
        tiff[4] = 200;
        var label = Of(_picture, preamble: tiff);
        label.Elements.Set(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "LABEL", "NONE");
        Refused("LABEL", Write("a.tif", label));
        using var slide = Open(Of(_picture, preamble: tiff), "b.tif");
        Assert.Equal("DICOM", slide.Format);
    }

    [Fact]
    public void PixelsThatArentSquareAreRefusedWithBothSizes()
    {
        var instance = Of(_picture);
        var measures = new DicomDataSet();
        measures.Set(DicomTag.PixelSpacing, 0.0005, 0.00025);
        instance.Elements.Set(DicomTag.SharedGroups, [Holding(DicomTag.PixelMeasures, measures)]);
        using var slide = Open(instance);
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel, 9);
        Assert.Equal(0.5, slide.Calibration.Height!.Value.MicronsPerPixel, 9);
        Assert.Contains("0.25 um wide and 0.5 um high (DICOM PixelSpacing)", Assert.Throws<SlideException>(() => new SlideCalibrator().Resolve(slide)).Message);
    }

    [Fact]
    public void ImplicitRepresentationIsReadToo()
    {
        // Archives turn uncompressed slides into their default transfer syntax, and unknown sequences are written in it.
        byte[] Implicit(uint tag, byte[] value) =>
            [(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8), .. BitConverter.GetBytes(value.Length), .. value];
        var file = new MemoryStream();
        file.Write(new byte[128]);
        file.Write("DICM"u8);
        var meta = new DicomDataSet();
        meta.Set(DicomTag.TransferSyntax, DicomTransferSyntax.ImplicitLittleEndian);
        DicomWriter.Write(file, meta);
        foreach (var element in Of(_picture).Elements.Append(DicomElement.Of(DicomTag.NumberOfFrames, DicomVr.IS, "6 "u8.ToArray())).OrderBy(e => e.Tag))
        {
            file.Write(Implicit(element.Tag.Number, element.Items is null ? element.Bytes.ToArray() : []));
        }

        file.Write(Implicit(0x7FE00010, [.. Of(_picture).Frames.SelectMany(f => f)]));
        using var slide = Slide.Open(_folder.Write("a.dcm", file.ToArray()));
        TestPicture.AssertSame(_picture, TestPicture.ReadLevel(slide));
    }

    [Fact]
    public void AbsurdNestingAndHugeHeadersAreRefusedEarly()
    {
        var deep = Of(_picture);
        var inner = new DicomDataSet();
        for (var n = 0; n < 40; n++)
        {
            inner = Holding(DicomTag.SharedGroups, inner);
        }

        deep.Elements.Set(DicomTag.OpticalPathSequence, [inner]);
        Refused("nested absurdly deep", Write("a.dcm", deep));

        var many = Of(_picture);
        many.Elements.Set(DicomTag.OpticalPathSequence, [.. Enumerable.Range(0, 400_000).Select(_ => new DicomDataSet())]);
        Refused("no slide needs so many", Write("a.dcm", many));

        var frames = Of(_picture);
        var bytes = frames.ToBytes();
        var at = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x28, 0, 0x08, 0, (byte)'I', (byte)'S']);
        bytes[at + 8] = (byte)'-';
        Refused("-", _folder.Write("a.dcm", bytes));
    }

    [Fact]
    public void APipeBesideASlideIsNeverOpened()
    {
        var path = Write("a.dcm", Of(_picture));
        Files.Fifo.Make(_folder.File("b.dcm"));
        using var slide = Slide.Open(path);
        Assert.Single(slide.Levels);
        Assert.Equal([path], Slide.FilesOf(path));
        Assert.Contains("pipe", Assert.Throws<SlideException>(() => Slide.Open(_folder.File("b.dcm"))).Message);
    }

    [Fact]
    public void LevelsOfAnotherRegionAreLeftOut()
    {
        Write("b.dcm", Of(TestPicture.Make(75, 50)));
        Write("c.dcm", Of(TestPicture.Make(30, 90)));
        using var slide = Open(Of(_picture));
        Assert.Equal([new(150, 101), new PixelSize(75, 50)], slide.Levels.Select(l => l.Size));
    }

    [Fact]
    public void CoarseTilesThatAreAbsentAreMadeOfFinerOnes()
    {
        var full = TestPicture.Make(256, 256);
        var coarse = Of(Smooth(128, 128));
        coarse.Frames.RemoveAt(3);
        coarse.Place([(0, 0, 0, ""), (64, 0, 0, ""), (0, 64, 0, "")]);
        Write("b.dcm", coarse);
        using var slide = Open(Of(full));
        var made = TestPicture.Read(slide, new PixelRect(64, 64, 64, 64), level: 1);
        var wanted = TestPicture.Crop(full, new PixelRect(128, 128, 128, 128));
        Assert.Equal(wanted.Span.ToArray().Average(v => v), made.Span.ToArray().Average(v => v), 1.0);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The same instance without some of its elements.</summary>
    private static TestDicomInstance With(TestDicomInstance instance, Func<DicomTag, bool> keep)
    {
        var made = new TestDicomInstance { Syntax = instance.Syntax };
        made.Frames.AddRange(instance.Frames);
        foreach (var element in instance.Elements.Where(e => keep(e.Tag)))
        {
            made.Elements.Set(element);
        }

        return made;
    }

    /// <summary>Takes the JFIF segment out and puts Adobe's in, or none.</summary>
    private static byte[] WithMarker(byte[] jpeg, int transform)
    {
        Assert.Equal(0xE0, jpeg[3]);
        var rest = jpeg[(4 + ((jpeg[4] << 8) | jpeg[5]))..];
        byte[] adobe = transform < 0 ? [] : [0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)transform];
        return [0xFF, 0xD8, .. adobe, .. rest];
    }

    private static RgbImage YCbCrOf(RgbImage picture)
    {
        var mixed = new RgbImage(picture.Width, picture.Height);
        for (var i = 0; i < mixed.Pixels.Length; i += 3)
        {
            var (r, g, b) = (picture.Pixels[i], picture.Pixels[i + 1], picture.Pixels[i + 2]);
            mixed.Pixels[i] = (byte)Math.Round((0.299 * r) + (0.587 * g) + (0.114 * b));
            mixed.Pixels[i + 1] = (byte)Math.Clamp(Math.Round(128 - (0.168736 * r) - (0.331264 * g) + (0.5 * b)), 0, 255);
            mixed.Pixels[i + 2] = (byte)Math.Clamp(Math.Round(128 + (0.5 * r) - (0.418688 * g) - (0.081312 * b)), 0, 255);
        }

        return mixed;
    }

    private static RgbImage Smooth(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            var (x, y) = (i / 3 % width, i / 3 / width);
            image.Pixels[i] = (byte)(100 + (50 * Math.Sin((x + (y * 2) + (i % 3 * 30)) / 40.0)));
        }

        return image;
    }

    private ISlide Open(TestDicomInstance instance, string name = "a.dcm") => Slide.Open(Write(name, instance));

    private string Write(string name, TestDicomInstance instance) => _folder.Write(name, instance.ToBytes());

    private void Refused(string reason, string path)
    {
        var error = Assert.Throws<SlideException>(() => Slide.Open(path));
        Assert.Contains(reason, error.Message);
        Assert.Contains(path, error.Message);
    }
}
