using System.Numerics;
using System.Security.Cryptography;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class JournalTests
{
    private static readonly byte[] _key = SHA256.HashData("slide, model, settings"u8);

    private static readonly JournalLimits _limits = new(6, 2, new PixelSize(100_000, 2), new PixelRect(0, 0, 100_000, 2), 100_500, 0.25);

    [Fact]
    public void GivesBackWhatWasWritten()
    {
        using var folder = new TemporaryFolder();
        var tiles = Enumerable.Range(0, 5).Select(MakeTile).ToList();
        Write(folder.File("a.journal"), tiles);
        Assert.Equal(tiles.Select(Describe), Read(folder.File("a.journal")));
    }

    [Fact]
    public void EveryCutLeavesAPrefixThatCanGoOn()
    {
        using var folder = new TemporaryFolder();
        var tiles = Enumerable.Range(0, 4).Select(MakeTile).ToList();
        var whole = folder.File("whole.journal");
        Write(whole, tiles);
        var bytes = File.ReadAllBytes(whole);
        for (var length = 0; length < bytes.Length; length += 7)
        {
            var cut = folder.File("cut.journal");
            File.WriteAllBytes(cut, bytes[..length]);
            using (var journal = Journal.Open(cut, _key))
            {
                var known = journal.Replay(_limits).Select(Describe).ToList();
                Assert.Equal(tiles.Take(known.Count).Select(Describe), known);
                foreach (var tile in tiles.Skip(known.Count))
                {
                    journal.Append(tile);
                }
            }

            Assert.Equal(bytes, File.ReadAllBytes(cut));
        }
    }

    [Fact]
    public void StopsAtADamagedRecord()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.journal");
        Write(path, [MakeTile(0), MakeTile(1), MakeTile(2)]);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(path, bytes);
        Assert.InRange(Read(path).Count, 1, 2);
    }

    [Fact]
    public void ForgetsAnotherRunsTiles()
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("a.journal"), [MakeTile(0)]);
        using var journal = Journal.Open(folder.File("a.journal"), SHA256.HashData("other settings"u8));
        Assert.Empty(journal.Replay(_limits));
        journal.Remove();
        Assert.False(File.Exists(folder.File("a.journal")));
    }

    public static TheoryData<string> Wrong =>
        [
            "out of turn",
            "repeated",
            "beyond the last",
            "not a number",
            "off the slide",
            "longer than a tile",
            "other measurements",
            "a type that is none",
            "an area below 0",
        ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void ARecordThatCanNotBeOfTheSlideEndsWhatIsTakenUp(string how)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.journal");
        Write(path, [MakeTile(0), MakeTile(1)]);
        var length = new FileInfo(path).Length;
        var sound = MakeTile(2);
        TileResult wrong = how switch
        {
            "out of turn" => sound with { TileIndex = 3 },
            "repeated" => sound with { TileIndex = 1 },
            "beyond the last" => sound with { TileIndex = 6 },
            "not a number" => With(sound, n => Copy(n, [.. n.Contour, new Vector2(float.NaN, 0)])),
            "off the slide" => With(sound, n => Copy(n, [.. n.Contour, new Vector2(0, 1e9f)])),
            "longer than a tile" => With(sound, n => Copy(n, [new Vector2(0, 0), new Vector2(1, 1), new Vector2(100_900, 1)])),
            "other measurements" => sound with { Measurements = [.. sound.Measurements.Select(_ => new float[3])] },
            "a type that is none" => With(sound, n => Copy(n, n.Contour, type: -1)),
            _ => With(sound, n => Copy(n, n.Contour, area: -1)),
        };
        using (var journal = Journal.Open(path, _key))
        {
            Assert.Equal(2, journal.Replay(_limits).Count());
            journal.Append(wrong);
            journal.Append(MakeTile(3));
        }

        Assert.Equal(2, Read(path).Count);
        Assert.Equal(length, new FileInfo(path).Length);

        static Nucleus Copy(Nucleus n, Vector2[] contour, int type = 0, double area = 1) =>
            new(contour) { Centroid = n.Centroid, Area = area, MeanProbability = n.MeanProbability, BoundaryConfidence = n.BoundaryConfidence, Type = type };

        static TileResult With(TileResult tile, Func<Nucleus, Nucleus> change) => tile with { Nuclei = [change(tile.Nuclei[0]), .. tile.Nuclei.Skip(1)] };
    }

    [Fact]
    public void CountsThatTheBytesDoNotHoldTakeNoMemory()
    {
        var record = new TileRecord();
        var whole = record.Encode(MakeTile(3)).ToArray();
        Assert.NotNull(TileRecord.Decode(whole, _limits));
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var value in (int[])[-1, 0, 2, int.MinValue, int.MaxValue, 0x10000000])
            {
                var changed = whole.ToArray();
                BitConverter.TryWriteBytes(changed.AsSpan(at, Math.Min(4, whole.Length - at)), value);
                var before = GC.GetAllocatedBytesForCurrentThread();
                TileRecord.Decode(changed, _limits);
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 16);
            }
        }
    }

    [Theory]
    [InlineData("link")]
    [InlineData("second name")]
    [InlineData("pipe")]
    public void AJournalThatIsNoFileOfItsOwnIsSetAside(string what)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux's links and pipes");
        using var folder = new TemporaryFolder();
        var path = folder.File("a.journal");
        var victim = folder.Write("victim", [1, 2, 3]);
        switch (what)
        {
            case "link":
                File.CreateSymbolicLink(path, victim);
                break;
            case "second name":
                using (var process = System.Diagnostics.Process.Start("ln", [victim, path]))
                {
                    process.WaitForExit();
                }

                break;
            default:
                Files.Fifo.Make(path);
                break;
        }

        Write(path, [MakeTile(0), MakeTile(1)]);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(victim));
        Assert.Equal(2, Read(path).Count);
    }

    /// <summary>What the records of <see cref="Whole"/> keep to.</summary>
    internal static JournalLimits Limits => _limits;

    /// <summary>The bytes of a journal of four tiles.</summary>
    internal static byte[] Whole(byte[] key)
    {
        using var folder = new TemporaryFolder();
        using (var journal = Journal.Open(folder.File("a.journal"), key))
        {
            foreach (var tile in Enumerable.Range(0, 4).Select(MakeTile))
            {
                journal.Append(tile);
            }
        }

        return File.ReadAllBytes(folder.File("a.journal"));
    }

    private static void Write(string path, IEnumerable<TileResult> tiles)
    {
        using var journal = Journal.Open(path, _key);
        Assert.Empty(journal.Replay(_limits));
        foreach (var tile in tiles)
        {
            journal.Append(tile);
        }
    }

    private static List<string> Read(string path)
    {
        using var journal = Journal.Open(path, _key);
        return [.. journal.Replay(_limits).Select(Describe)];
    }

    private static TileResult MakeTile(int index)
    {
        var random = new Random(index);
        var nuclei = Enumerable
            .Range(0, index)
            .Select(_ => new Nucleus([.. Enumerable.Range(0, random.Next(3, 12)).Select(_ => new Vector2(random.NextSingle() * 1e5f, random.NextSingle()))])
            {
                Centroid = new Vector2(random.NextSingle(), random.NextSingle()),
                Area = random.NextDouble(),
                MeanProbability = random.NextSingle(),
                BoundaryConfidence = random.NextSingle(),
                MatchProbability = random.NextSingle(),
                Type = random.Next(5),
                TypeProbability = random.NextSingle(),
            })
            .ToList();
        return new TileResult(
            index,
            nuclei,
            [.. nuclei.Select(_ => new[] { random.NextSingle(), float.NaN })],
            index == 2 ? [new PixelRect(1, 2, 3, 4)] : [],
            [.. Enumerable.Range(0, index).Select(i => Field(i, random))]);
    }

    private static string Describe(TileResult t) =>
        $"{t.TileIndex} [{string.Join(';', t.Corrupt)}] "
        + string.Join(
            '|',
            t.Nuclei.Select(
                (n, i) =>
                    $"{string.Join(' ', n.Contour)} {n.Centroid} {n.Area:R} {n.MeanProbability:R} {n.BoundaryConfidence:R} {n.MatchProbability:R} {n.Type} {n.TypeProbability:R} {string.Join(' ', t.Measurements[i])}"))
        + string.Join('|', t.Fields.Select(f => $"{f.Column} {f.Row} {string.Join(' ', f.Values)} {string.Join(' ', f.Blocks)}"));

    private static FieldSums Field(int column, Random random)
    {
        var field = new FieldSums(column, 0);
        foreach (ref var value in field.Values.AsSpan())
        {
            value = random.NextInt64(-(1L << 49), 1L << 49);
        }

        foreach (var place in (int[])[0, 17, 63])
        {
            foreach (ref var value in field.BlockAt(place))
            {
                value = random.Next(1 << 28);
            }
        }

        return field;
    }
}
