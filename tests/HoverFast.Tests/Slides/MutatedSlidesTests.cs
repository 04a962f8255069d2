using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using HoverFast.Labels.Png;
using HoverFast.Slides;
using HoverFast.Slides.Dicom;
using HoverFast.Slides.Jpeg2000;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>
/// Damaged files of every kind that comes from elsewhere: bits flipped, ends cut off, numbers made absurd. Each is read or refused with a reason; nothing
/// crashes, hangs or takes memory that the file can't justify. Another run: HOVERFAST_FUZZ_SEED=7 HOVERFAST_FUZZ_FILES=10000 (each night).
/// </summary>
public sealed class MutatedSlidesTests : IDisposable
{
    private const long MostBytes = 200L << 20;
    private const long SmallLevel = 1 << 20;
    private static readonly TimeSpan _mostTime = TimeSpan.FromSeconds(10);
    private static readonly uint[] _absurd =
    [
        0,
        1,
        2,
        0x7F,
        0xFF,
        0x100,
        0x7FFF,
        0xFFFF,
        0x10000,
        0x00FFFFFF,
        0x01000000,
        0x7FFFFFFF,
        0x80000000,
        0xFFFFFFFE,
        0xFFFFFFFF,
    ];
    private static readonly string[] _absurdTexts =
    [
        "1e999",
        "-1",
        "NaN",
        "\"",
        "<",
        "]",
        "[[[[",
        "99999999999999999999",
        "0,5",
        "\uFEFF",
        ";",
        "\0",
        "null",
        "{\"type\":\"Polygon\"}",
    ];
    private static readonly PixelSize _size = new(61, 47);
    private readonly TemporaryFolder _folder = new();

    /// <summary>The kinds, and the share of all files that each gets.</summary>
    public static TheoryData<string, int> Kinds => new()
    {
        { "slide", 35 }, { "dicom", 15 }, { "jpeg2000", 10 }, { "ome", 10 }, { "region", 10 }, { "mask", 10 }, { "table", 5 }, { "picture", 5 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AreReadOrRefused(string kind, int percent)
    {
        var seed = FromEnvironment("HOVERFAST_FUZZ_SEED", 1);
        var count = FromEnvironment("HOVERFAST_FUZZ_FILES", 2000) * percent / 100;
        var bases = Bases(kind);
        var isText = kind is "ome" or "table" or "region";
        var read = 0;
        var (slowest, largest) = (TimeSpan.Zero, 0L);
        for (var n = 0; n < count; n++)
        {
            var random = new Random(unchecked((seed * 1_000_003) + n));
            var whole = bases[n % bases.Count];
            var bytes = isText && whole[0] != 0x1F ? MutateText(whole, random) : Mutate(whole, random, kind == "dicom" ? 0 : 0.5);
            var path = _folder.Write("mutated.dat", kind == "ome" ? WithDescription(bytes) : bytes);
            var where = $"{kind} {n} of seed {seed}";
            var reading = Task.Run(() => TryRead(kind, path, where));
            var start = Stopwatch.GetTimestamp();
            var first = await Task.WhenAny(reading, Task.Delay(_mostTime, TestContext.Current.CancellationToken));
            Assert.True(first == reading, $"{where} hangs");
            var (isWhole, bytesTaken) = await reading;
            read += isWhole ? 1 : 0;
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
            largest = Math.Max(largest, bytesTaken);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{kind}: {read} of {count} files could be read; the slowest took {slowest.TotalSeconds:0.0} s, the largest {largest >> 20} MB");

        // Some of either kind, or the mutations are too weak or too strong to test anything. PNG's checksums let hardly any mask pass.
        Assert.InRange(read, kind is "mask" or "picture" ? 0 : count / 50, count * 49 / 50);
    }

    public void Dispose() => _folder.Dispose();

    private static int FromEnvironment(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : fallback;

    /// <summary>Whether the whole file could be read (or was refused with a reason; anything else fails), and the memory taken on the way.</summary>
    private static (bool Whole, long Bytes) TryRead(string kind, string path, string where)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var whole = false;
        try
        {
            Read(kind, path);
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

    private static void Read(string kind, string path)
    {
        var bounds = new PixelRect(3, 2, _size.Width - 6, _size.Height - 4);
        switch (kind)
        {
            case "jpeg2000":
                ReadJpeg2000(File.ReadAllBytes(path), path);
                break;
            case "region":
                AnnotationRegion.Read(path, _size, bounds, new Mpp(0.5));
                break;
            case "mask":
                MaskImage.Read(path, _size, bounds, new Mpp(0.5));
                break;
            case "table":
                var calibrator = new SlideCalibrator();
                calibrator.AddTable(path);
                calibrator.UnmatchedRows(["a.svs", "x/b.tif"]);
                break;
            default:
                using (var slide = Slide.Open(path))
                {
                    _ = slide.Calibration;
                    foreach (var level in slide.Levels)
                    {
                        ReadLevel(slide, level);
                    }
                }

                break;
        }
    }

    /// <summary>By both decoders, where both are there.</summary>
    private static void ReadJpeg2000(byte[] data, string path)
    {
        try
        {
            var size = Jpeg2000Decoder.ReadSize(data);
            if (size.Area > SmallLevel)
            {
                throw new SlideException(path, "too large for a tile of this size.");
            }

            var rgb = new byte[size.Area * 3];
            Jpeg2000Decoder.Decode(data, Jpeg2000Decoder.Colour.YCbCr, rgb, size.Width * 3, OpenJpegDecoder.Installed);
            Jpeg2000Decoder.Decode(data, Jpeg2000Decoder.Colour.YCbCr, rgb, size.Width * 3, null);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            throw new SlideException(path, e.Message, e);
        }
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

    private static byte[] MutateText(byte[] whole, Random random)
    {
        var text = System.Text.Encoding.UTF8.GetString(whole);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(12), text.Length - at);
            text = random.Next(5) switch
            {
                0 => text[..at],
                1 => text.Remove(at, length),
                2 => text.Insert(at, text.Substring(at, length)),
                3 => text.Insert(at, _absurdTexts[random.Next(_absurdTexts.Length)]),
                _ => string.Concat(text.AsSpan(0, at), ((char)random.Next(1, 300)).ToString(), text.AsSpan(at + 1)),
            };
            if (text.Length == 0)
            {
                break;
            }
        }

        return System.Text.Encoding.UTF8.GetBytes(text);
    }

    /// <summary>A TIFF of three gray pages with a description that may be anything.</summary>
    private static byte[] WithDescription(byte[] description)
    {
        var tiff = new TestTiff();
        for (var c = 0; c < 3; c++)
        {
            var page = tiff.Add(TestPicture.Make(_size.Width, _size.Height, c), 8, 32, samples: 1, photometric: 1);
            if (c == 0 && description.Length > 0)
            {
                page.Tags[270] = description;
            }
        }

        return tiff.ToBytes();
    }

    private static List<byte[]> Bases(string kind) =>
        kind switch
        {
            "slide" => Slides(),
            "dicom" => DicomBases(),
            "jpeg2000" =>
            [
                .. new[] { "lossless.j2k", "lossless.jp2", "lossy.j2k", "tiles-precincts-rpcl.j2k", "tiles-cprl-offset.j2k", "layers-pcrl-modes.j2k" }.Select(
                    TestPicture.Embedded),
            ],
            "ome" =>
            [
                .. new[]
                {
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"><Instrument ID=\"I:0\"><Objective ID=\"O:0\" NominalMagnification=\"40\"/></Instrument>"
                        + "<Image Name=\"macro\"><Pixels SizeX=\"30\" SizeY=\"20\"><TiffData IFD=\"2\"/></Pixels></Image><Image Name=\"scan\"><ObjectiveSettings ID=\"O:0\"/><Pixels DimensionOrder=\"XYCZT\" SizeX=\"61\" SizeY=\"47\" SizeC=\"3\" "
                        + "SizeZ=\"1\" SizeT=\"1\" PhysicalSizeX=\"0.25\" PhysicalSizeXUnit=\"\u00B5m\" PhysicalSizeY=\"0.25\"><Channel Name=\"Red\" SamplesPerPixel=\"1\"/><Channel/><Channel/>"
                        + "<TiffData IFD=\"0\" FirstC=\"0\"/><TiffData IFD=\"1\" FirstC=\"1\"/><TiffData IFD=\"2\" FirstC=\"2\"/></Pixels></Image></OME>",
                    "ImageJ=1.53t\nimages=3\nchannels=3\nmode=composite\nunit=micron\n",
                    "Aperio Image Library v12\r\n61x47|AppMag = 40|MPP = 0.25|ScanScope ID = SS1234",
                }.Select(System.Text.Encoding.UTF8.GetBytes),
            ],
            "region" => Regions(),
            "mask" => Masks(),
            "table" =>
            [
                .. new[] { "slide,mpp\na.svs,0.25\n# note\nx/b.tif,0.5\n\"c, d.svs\",0.25um\n", "sep=;\na.svs;0,25\nb;0,5\n", "a.svs\t0.25\n" }.Select(
                    System.Text.Encoding.UTF8.GetBytes),
            ],
            _ => Pictures(),
        };

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

    private static List<byte[]> Regions()
    {
        const string Ring = "[[5.5,4],[40,4],[40,30],[5,30],[5.5,4]]";
        const string Text =
            $$$$"""{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":[{{{{Ring}}}},[[8,8],[20,8],[20,20],[8,8]]]},"properties":{"objectType":"annotation"}},{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[{{{{Ring}}}}]]},"properties":{}}]}""";
        var bytes = System.Text.Encoding.UTF8.GetBytes(Text);
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return [bytes, [0xEF, 0xBB, 0xBF, .. bytes], packed.ToArray()];
    }

    private static List<byte[]> Masks()
    {
        var files = new List<byte[]>();
        var labels = new int[_size.Width * _size.Height];
        labels[100] = 1;
        var deep = new MemoryStream();
        GrayPng.Write16(deep, _size.Width, labels);
        files.Add(deep.ToArray());
        foreach (var (compression, bits) in new[] { (1, 8), (8, 16), (5, 8) })
        {
            var tiff = new TestTiff();
            tiff.Add(TestPicture.Make(_size.Width, _size.Height), compression, 32, bits: bits, samples: 1, photometric: 1);
            files.Add(tiff.ToBytes());
        }

        files.Add(TestPicture.Jpeg(TestPicture.Make(_size.Width, _size.Height)));
        return files;
    }

    private static List<byte[]> Pictures()
    {
        var files = new List<byte[]> { TestPicture.Jpeg(TestPicture.Make(_size.Width, _size.Height)) };
        using var bitmap = new SkiaSharp.SKBitmap(_size.Width, _size.Height);
        foreach (var format in new[] { SkiaSharp.SKEncodedImageFormat.Png, SkiaSharp.SKEncodedImageFormat.Webp })
        {
            using var data = bitmap.Encode(format, 90);
            files.Add(data.ToArray());
        }

        var deep = new MemoryStream();
        GrayPng.Write16(deep, _size.Width, [.. Enumerable.Range(0, (int)_size.Area).Select(i => i % 4096)]);
        files.Add(deep.ToArray());
        return files;
    }

    /// <summary>One small slide of every kind.</summary>
    private static List<byte[]> Slides()
    {
        var files = new List<byte[]>();
        foreach (
            var (compression, bits, planar, samples) in new[]
            {
                (1, 8, false, 3),
                (5, 16, false, 3),
                (8, 8, false, 4),
                (32773, 8, false, 3),
                (50000, 8, true, 3),
                (1, 8, false, 1),
                (7, 8, false, 3),
                (33005, 8, false, 3),
            })
        {
            foreach (var (bigEndian, big) in new[] { (false, false), (true, true) })
            {
                var tiff = new TestTiff(bigEndian, big);
                var picture = TestPicture.Make(61, 47);
                var stored = compression == 33005 ? 1 : compression;
                var photometric =
                    compression == 7 ? 6
                    : samples == 1 ? 1
                    : 2;
                var page = tiff.Add(
                    picture,
                    stored,
                    compression == 33005 ? 64 : 32,
                    bits: bits,
                    planar: planar,
                    samples: samples,
                    photometric: photometric,
                    tiled: compression != 32773);
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
}
