using System.Buffers.Binary;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>Small files that state huge things: refused before memory or time is spent.</summary>
public sealed class HostileTiffTests : IDisposable
{
    private const long MostBytes = 150L << 20;
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(65535)]
    [InlineData(4000)]
    public void DirectoriesThatOverlap(int entries)
    {
        // Each of 4,096 directories starts two bytes behind the last and holds the rest of the file.
        var bytes = new byte[(12 * entries) + (2 * 4096 * 6) + 64];
        "II*\0"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), 8);
        for (var i = 8; i + 14 < bytes.Length; i += 2)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i), (ushort)entries);
        }

        AssertRefusedCheaply(bytes);
    }

    [Theory]
    [InlineData(20_000, 4_000, 8, 16)]
    [InlineData(12_640, 12_640, 8, 16)]
    [InlineData(1 << 24, 12_000, 3, 8)]
    [InlineData(1 << 23, 256, 3, 8)]
    public void PixelsThatTheFileCantHold(int side, int tile, int samples, int bits)
    {
        var tiff = new TestTiff();
        var page = tiff.Add(new RgbImage(64, 64), 8);
        page.Tags[256] = (uint)side;
        page.Tags[257] = (uint)side;
        page.Tags[258] = Enumerable.Repeat((ushort)bits, samples).ToArray();
        page.Tags[277] = (ushort)samples;
        page.Tags[322] = (uint)tile;
        page.Tags[323] = (uint)tile;
        page.Tags[324] = Enumerable.Repeat(8u, 4096).ToArray();
        page.Tags[325] = Enumerable.Repeat(100u, 4096).ToArray();
        AssertRefusedCheaply(tiff.ToBytes());
    }

    [Fact]
    public void StripsWhoseLengthsOverflow()
    {
        var tiff = new TestTiff(big: true);
        tiff.Add(new RgbImage(1024, 1400), tiled: false, tile: 700).Tags[279] = new[] { (ulong)long.MaxValue, ulong.MaxValue };
        AssertRefusedCheaply(tiff.ToBytes());
    }

    [Fact]
    public void ManyPagesThatListTheSameTiles()
    {
        var tiff = new TestTiff();
        for (var n = 0; n < 300; n++)
        {
            var page = tiff.Add(new RgbImage(300 - n, 300 - n), 8);
            page.Tags[324] = new uint[20_000];
            page.Tags[325] = new uint[20_000];
        }

        // The lists are as long as they say, but only what the pages need is read.
        var path = _folder.Write("a.tif", tiff.ToBytes());
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var slide = Slide.Open(path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
    }

    [Theory]
    [InlineData("ImageJ=1\nunit=")]
    [InlineData("Aperio X|MPP =")]
    [InlineData("<OME>DPUfsImport DICOM_PIXEL_SPACING\"")]
    public void LongDescriptionsTakeNoTime(string start)
    {
        var tiff = new TestTiff();
        var page = tiff.Add(TestPicture.Make(64, 64));
        page.Tags[270] = start + new string(' ', 200_000) + "\n" + string.Concat(Enumerable.Repeat("|  MPP ", 30_000));
        page.Tags[282] = 40000.0;
        page.Tags[296] = (ushort)3;
        using var slide = Slide.Open(_folder.Write("a.tif", tiff.ToBytes()));
        Assert.True(slide.Calibration is null || slide.Calibration.Mpp == new Mpp(0.25));
    }

    [Theory]
    [InlineData("ifdchain.tif")]
    [InlineData("shared8x16.tif")]
    [InlineData("overflow16.tif")]
    public void SharedHostileFiles(string name)
    {
        using var packed = new System.IO.Compression.GZipStream(
            File.OpenRead(SharedData.Require("cases", "hostile", name + ".gz")),
            System.IO.Compression.CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        AssertRefusedCheaply(bytes.ToArray());
    }

    public void Dispose() => _folder.Dispose();

    private void AssertRefusedCheaply(byte[] bytes)
    {
        var path = _folder.Write("hostile.tif", bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<SlideException>(() => Slide.Open(path));
        Assert.Contains("hostile.tif", error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
    }
}
