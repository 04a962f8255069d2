using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using HoverFast.Slides;
using HoverFast.Slides.Dicom;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>
/// Damaged TIFF, SVS and DICOM files: bits flipped, ends cut off, tags made absurd. Each is read or refused with a reason; nothing crashes, hangs or takes memory that
/// the file can't justify. Another run: HOVERFAST_FUZZ_SEED=7 HOVERFAST_FUZZ_FILES=20000.
/// </summary>
public sealed class MutatedSlidesTests : IDisposable
{
    private const long MostBytes = 100L << 20;
    private const long SmallLevel = 1 << 20;
    private static readonly TimeSpan _mostTime = TimeSpan.FromSeconds(10);
    private static readonly uint[] _absurd = [0, 1, 2, 0x7F, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0x00FFFFFF, 0x01000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF];
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task AreReadOrRefused() => AreReadOrRefusedAsync(Bases(), "mutated.tif", 0.5);

    [Fact]
    public Task DicomIsReadOrRefused() => AreReadOrRefusedAsync(DicomBases(), "mutated.dcm", 0);

    public void Dispose() => _folder.Dispose();

    /// <summary>Mutates each file in its turn.</summary>
    /// <param name="bases">The files.</param>
    /// <param name="name">Name of the mutated ones.</param>
    /// <param name="structure">Where the part begins that is changed most, as a share of the file's length.</param>
    private async Task AreReadOrRefusedAsync(List<byte[]> bases, string name, double structure)
    {
        var seed = FromEnvironment("HOVERFAST_FUZZ_SEED", 1);
        var count = FromEnvironment("HOVERFAST_FUZZ_FILES", 2000);
        var read = 0;
        var (slowest, largest) = (TimeSpan.Zero, 0L);
        for (var n = 0; n < count; n++)
        {
            var bytes = Mutate(bases[n % bases.Count], new Random(unchecked((seed * 1_000_003) + n)), structure);
            var path = _folder.Write(name, bytes);
            var where = $"file {n} of seed {seed}";
            var reading = Task.Run(() => TryRead(path, where));
            var start = Stopwatch.GetTimestamp();
            var first = await Task.WhenAny(reading, Task.Delay(_mostTime, TestContext.Current.CancellationToken));
            Assert.True(first == reading, $"{where} hangs");
            var (whole, bytesTaken) = await reading;
            read += whole ? 1 : 0;
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
            largest = Math.Max(largest, bytesTaken);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{read} of {count} files could be read; the slowest took {slowest.TotalSeconds:0.0} s, the largest {largest >> 20} MB");

        // Some of either kind, or the mutations are too weak or too strong to test anything.
        Assert.InRange(read, count / 50, count * 49 / 50);
    }

    private static int FromEnvironment(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : fallback;

    /// <summary>Whether the whole file could be read (or was refused with a reason; anything else fails), and the memory taken on the way.</summary>
    private static (bool Whole, long Bytes) TryRead(string path, string where)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var whole = false;
        try
        {
            using var slide = Slide.Open(path);
            _ = slide.Calibration;
            foreach (var level in slide.Levels)
            {
                ReadLevel(slide, level);
            }

            whole = true;
        }
        catch (SlideException)
        {
            // Refused with a reason.
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{where} ends in {e.GetType().Name}: {e.Message}", e);
        }

        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken < MostBytes, $"{where} takes {taken >> 20} MB");
        return (whole, taken);
    }

    /// <summary>Reads a small level as a whole, and of a large one 16 regions from edge to edge.</summary>
    private static void ReadLevel(ISlide slide, SlideLevel level)
    {
        const int Side = 96;
        const int Regions = 4;
        foreach (var reduction in slide.ReductionsOf(level.Index))
        {
            var (right, bottom) = (level.Size.Width / reduction, level.Size.Height / reduction);
            if ((long)right * bottom <= SmallLevel)
            {
                TestPicture.Read(slide, new PixelRect(-1, -1, right + 3, bottom + 3), level.Index, reduction);
                continue;
            }

            for (var i = 0; i < Regions * Regions; i++)
            {
                var (x, y) = (At(i % Regions, right), At(i / Regions, bottom));
                TestPicture.Read(slide, new PixelRect(x, y, Side, Side), level.Index, reduction);
            }
        }

        static int At(int step, int length) => (int)((long)length * step / (Regions - 1)) - (Side / 2);
    }

    private static byte[] Mutate(byte[] whole, Random random, double structure)
    {
        var bytes = (byte[])whole.Clone();
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                for (var flips = random.Next(1, 9); flips > 0; flips--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
            default:
                // Directories lie in the second half of TIFF files; header and pixels get their share too.
                for (var changes = random.Next(1, 4); changes > 0; changes--)
                {
                    var isStructure = random.Next(3) > 0;
                    var from = isStructure ? (int)(bytes.Length * structure) : 0;
                    var to = isStructure ? from + (bytes.Length / 2) : bytes.Length;
                    var at = random.Next(from, Math.Min(to, bytes.Length - 4)) & ~1;
                    var value = _absurd[random.Next(_absurd.Length)];
                    if (random.Next(2) == 0)
                    {
                        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
                    }
                    else
                    {
                        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)value);
                    }
                }

                return bytes;
        }
    }

    /// <summary>One small file of every kind.</summary>
    private static List<byte[]> Bases()
    {
        var files = new List<byte[]>();
        foreach (var (compression, bits, planar, samples) in new[]
                 {
                     (1, 8, false, 3), (5, 16, false, 3), (8, 8, false, 4), (32773, 8, false, 3), (50000, 8, true, 3), (1, 8, false, 1), (7, 8, false, 3), (33005, 8, false, 3),
                 })
        {
            foreach (var (bigEndian, big) in new[] { (false, false), (true, true) })
            {
                var tiff = new TestTiff(bigEndian, big);
                var picture = TestPicture.Make(61, 47);
                var stored = compression == 33005 ? 1 : compression;
                var photometric = compression == 7 ? 6 : samples == 1 ? 1 : 2;
                var page = tiff.Add(picture, stored, compression == 33005 ? 64 : 32, bits: bits, planar: planar, samples: samples, photometric: photometric, tiled: compression != 32773);
                if (compression == 33005)
                {
                    page.Tags[259] = (ushort)33005;
                    page.Parts[0] = TestPicture.Embedded("lossy.j2k");
                }

                page.Tags[270] = big
                    ? "<?xml version=\"1.0\"?><OME><Image><Pixels PhysicalSizeX=\"0.25\"/></Image></OME>"
                    : "Aperio Image Library v12\r\n61x47|AppMag = 40|MPP = 0.25";
                tiff.Add(TestPicture.Make(30, 23), 8, 16, samples: samples, photometric: samples == 1 ? 1 : 2, parent: big ? page : null);
                files.Add(tiff.ToBytes());
            }
        }

        return files;
    }

    /// <summary>One small DICOM file of every kind; their elements come first.</summary>
    private static List<byte[]> DicomBases()
    {
        var picture = TestPicture.Make(61, 47);
        var files = new List<byte[]>
        {
            TestDicomInstance.Of(picture, 32).ToBytes(),
            TestDicom.Make(picture, TestDicom.Jpeg, tile: 32, sparse: true, undefinedLengths: true),
            TestDicom.Make(picture, TestDicom.Uncompressed, tile: 32, sparse: true),
        };
        foreach (var (fragmentLength, table) in new[] { (0, OffsetTable.None), (200, OffsetTable.Right), (200, OffsetTable.Extended), (200, OffsetTable.None) })
        {
            files.Add(TestDicomInstance.Of(picture, 32, DicomTransferSyntax.JpegBaseline, fragmentLength: fragmentLength, table: table).ToBytes());
        }

        var planes = TestDicomInstance.Of(picture, 32);
        planes.Add(picture, 32);
        planes.LightBy(("1", "111743"), ("2", "111744"));
        files.Add(planes.ToBytes());
        planes.Place(Enumerable.Range(0, 8).Select(f => (f % 2 * 32, f / 2 % 2 * 32, f / 4 * 1.5, "2")));
        files.Add(planes.Part(1, 0, 8, 1).ToBytes());
        var wavelets = TestDicomInstance.Of(new RgbImage(61, 47), 64, DicomTransferSyntax.Jpeg2000);
        wavelets.Elements.Set(DicomTag.Rows, 47);
        wavelets.Elements.Set(DicomTag.Columns, 61);
        wavelets.Frames[0] = TestPicture.Embedded("lossy.j2k");
        files.Add(wavelets.ToBytes());
        return files;
    }
}
