using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HoverFast.Evaluation;
using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Pipeline;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Tests.Files;

/// <summary>
/// Damaged files of all other kinds: model cards, graphs, journals, manifests, GeoJSON. Each is read or refused with a reason; nothing crashes, hangs or takes
/// memory that the file can't justify. Another run: HOVERFAST_FUZZ_SEED=7 HOVERFAST_FUZZ_FILES=10000.
/// </summary>
public sealed class MutatedFilesTests : IDisposable
{
    private const long MostBytes = 200L << 20;
    private static readonly TimeSpan _mostTime = TimeSpan.FromSeconds(20);
    private static readonly string[] _odd =
    [
        "null",
        "-1",
        "0",
        "1e400",
        "-1e400",
        "1e10",
        "99999999999999999999",
        "\"\"",
        "[]",
        "{}",
        "[null]",
        "true",
        "NaN",
        "\"\\u0000\"",
        "[[[[[[]]]]]]",
        "2147483648",
        "1e-300",
        "\"../../etc/passwd\"",
    ];

    private readonly TemporaryFolder _folder = new();

    private static byte[] JournalKey { get; } = SHA256.HashData("slide, model, settings"u8);

    public static TheoryData<string> Kinds => ["card", "graph", "journal", "manifest", "tuning", "outlines", "region"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AreReadOrRefused(string kind)
    {
        var seed = FromEnvironment("HOVERFAST_FUZZ_SEED", 1);
        var count = FromEnvironment("HOVERFAST_FUZZ_FILES", 2000);

        // A network that is loaded and run costs a hundred times a file that is read.
        count = kind == "graph" ? Math.Max(1, count / 10) : count;
        var whole = Whole(kind);
        var read = 0;
        for (var n = 0; n < count; n++)
        {
            var random = new Random(unchecked((seed * 1_000_003) + n));
            var bytes =
                kind is "graph" or "journal" ? MutateBytes(whole, random)
                : random.Next(3) == 0 ? MutateBytes(whole, random)
                : MutateText(whole, random);
            var where = $"{kind} {n} of seed {seed}";
            var reading = Task.Run(() => TryRead(kind, bytes, where));
            var first = await Task.WhenAny(reading, Task.Delay(_mostTime, TestContext.Current.CancellationToken));
            Assert.True(first == reading, $"{where} hangs");
            read += await reading ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{read} of {count} files of the kind {kind} could be read");

        // Some of either kind, or the mutations are too weak or too strong to test anything.
        Assert.InRange(read, 1, count - 1);
    }

    private static int FromEnvironment(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : fallback;

    private bool TryRead(string kind, byte[] bytes, string where)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        bool whole;
        try
        {
            whole = Read(kind, bytes);
        }
        catch (Exception e) when (e is SlideException or ModelException)
        {
            Assert.True(e.Message.Length < 2000 && !e.Message.Contains("   at ", StringComparison.Ordinal), e.Message);
            whole = false;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{where} ends in {e.GetType().Name}: {e.Message}", e);
        }

        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken < MostBytes, $"{where} takes {taken >> 20} MB");
        return whole;
    }

    private bool Read(string kind, byte[] bytes)
    {
        switch (kind)
        {
            case "card":
            {
                ModelCard.Parse(bytes, "a.card.json");
                return true;
            }

            case "graph":
            {
                var path = _folder.Write("a.onnx", bytes);
                new ModelCard { Name = "a", Kind = "student", Mpp = 0.5, Stride = 8, ReceptiveRadius = 2 }.Save(ModelCard.PathFor(path));
                using var model = NucleusModel.Load(path);
                try
                {
                    model.Run(new RgbImage(64, 64));
                }
                catch (Exception e) when (e is Microsoft.ML.OnnxRuntime.OnnxRuntimeException or ArgumentException)
                {
                    throw new ModelException(path, "can't be run", e);
                }

                return true;
            }

            case "journal":
            {
                var path = _folder.Write("a.journal", bytes);
                using var journal = Journal.Open(path, JournalKey);
                return journal.Replay(JournalTests.Limits).Any();
            }

            case "manifest":
            {
                var path = _folder.Write("a.manifest.json", bytes);
                if (Manifest.TryRead(path) is not { } manifest)
                {
                    return false;
                }

                manifest.StillHolds(JournalKey, _folder.Path, [new ResultFile(ResultKind.Csv, _folder.File("a.csv"))]);
                manifest.Slide.IsOf("a.png", "fingerprint");
                return true;
            }

            case "tuning":
            {
                return Tuning.TryRead(_folder.Write("tuning.json", bytes), "a machine") is not null;
            }

            case "outlines":
            {
                var path = _folder.Write("a.geojson", bytes);
                OutlineFile.Draw(path, new PixelSize(200, 200));
                var outlines = OutlineFile.Read(path);
                try
                {
                    OutlineAgreement.Of(outlines, outlines);
                }
                catch (InvalidDataException)
                {
                    return false;
                }

                return true;
            }

            default:
            {
                AnnotationRegion.Read(_folder.Write("a.geojson", bytes), new PixelSize(2000, 2000), new PixelRect(0, 0, 2000, 2000), new Mpp(0.25));
                return true;
            }
        }
    }

    private static byte[] Whole(string kind)
    {
        using var folder = new TemporaryFolder();
        switch (kind)
        {
            case "card":
                return File.ReadAllBytes(ModelCard.PathFor(DarknessModel.Write(folder.Path)));
            case "graph":
                return File.ReadAllBytes(DarknessModel.Write(folder.Path));
            case "journal":
                return JournalTests.Whole(JournalKey);
            case "manifest":
                DarkDiscs.Write(folder.File("a.png"), 200);
                using (var model = NucleusModel.Load(DarknessModel.Write(folder.Path)))
                using (var segmenter = new SlideSegmenter(model, calibrator: new SlideCalibrator { Stated = new Mpp(0.25) }))
                {
                    segmenter.SegmentAsync(folder.File("a.png"), folder.Path).GetAwaiter().GetResult();
                }

                return File.ReadAllBytes(Manifest.PathFor(folder.Path, "a"));
            case "tuning":
                new Tuning
                {
                    Machine = "a machine",
                    Measured = DateTimeOffset.UnixEpoch,
                    Model = NucleusModel.DefaultName,
                    OnnxRuntime = false,
                    Threads = 2,
                    TileSize = 1024,
                    SquareMillimetresPerSecond = 1,
                }.Write(folder.File("t"));
                return File.ReadAllBytes(folder.File("t"));
            default:
                return Encoding.UTF8.GetBytes(
                    "{\"type\":\"FeatureCollection\",\"features\":["
                        + string.Join(
                            ',',
                            Enumerable
                                .Range(0, 12)
                                .Select(i =>
                                    $"{{\"type\":\"Feature\",\"geometry\":{{\"type\":\"{(i % 3 == 0 ? "MultiPolygon\",\"coordinates\":[" : "Polygon\",\"coordinates\":")}[[[{i},1],[{i + 9}.5,1],[{i + 9},12.25],[{i},1]]]{(i % 3 == 0 ? "]" : "")}}},\"properties\":{{\"objectType\":\"detection\"}}}}"))
                        + "]}");
        }
    }

    private static byte[] MutateBytes(byte[] whole, Random random)
    {
        var bytes = whole.ToArray();
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
            case 2:
                bytes.AsSpan(random.Next(bytes.Length)..).Slice(0, 1).Fill((byte)random.Next(256));
                return bytes;
            default:
                // A piece again, in another place.
                var from = random.Next(bytes.Length);
                var length = random.Next(1, Math.Min(64, bytes.Length - from + 1));
                var at = random.Next(bytes.Length);
                return [.. bytes[..at], .. bytes[from..(from + length)], .. bytes[at..]];
        }
    }

    /// <summary>Puts odd values in the place of numbers, words and lists.</summary>
    private static byte[] MutateText(byte[] whole, Random random)
    {
        var text = Encoding.UTF8.GetString(whole);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(text.Length);
            var start = text.LastIndexOfAny([':', ',', '['], at);
            var end = start < 0 ? -1 : text.IndexOfAny([',', ']', '}', '\n'], start + 1);
            if (end > start)
            {
                text = text[..(start + 1)] + _odd[random.Next(_odd.Length)] + text[end..];
            }
        }

        return Encoding.UTF8.GetBytes(text);
    }
}
