using System.Numerics;
using System.Security.Cryptography;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class JournalTests
{
    private static readonly byte[] _key = SHA256.HashData("slide, model, settings"u8);

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
                var known = journal.Replay().Select(Describe).ToList();
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
        Assert.Empty(journal.Replay());
        journal.Remove();
        Assert.False(File.Exists(folder.File("a.journal")));
    }

    private static void Write(string path, IEnumerable<TileResult> tiles)
    {
        using var journal = Journal.Open(path, _key);
        Assert.Empty(journal.Replay());
        foreach (var tile in tiles)
        {
            journal.Append(tile);
        }
    }

    private static List<string> Read(string path)
    {
        using var journal = Journal.Open(path, _key);
        return [.. journal.Replay().Select(Describe)];
    }

    private static TileResult MakeTile(int index)
    {
        var random = new Random(index);
        var nuclei = Enumerable.Range(0, index).Select(_ => new Nucleus([.. Enumerable.Range(0, random.Next(3, 12)).Select(_ => new Vector2(random.NextSingle() * 1e5f, random.NextSingle()))])
        {
            Centroid = new Vector2(random.NextSingle(), random.NextSingle()),
            Area = random.NextDouble(),
            MeanProbability = random.NextSingle(),
            BoundaryConfidence = random.NextSingle(),
            Type = random.Next(5),
        }).ToList();
        return new TileResult(index, nuclei, [.. nuclei.Select(_ => new[] { random.NextSingle(), float.NaN })], index == 2 ? [new PixelRect(1, 2, 3, 4)] : []);
    }

    private static string Describe(TileResult t) =>
        $"{t.TileIndex} [{string.Join(';', t.Corrupt)}] " + string.Join('|', t.Nuclei.Select((n, i) =>
            $"{string.Join(' ', n.Contour)} {n.Centroid} {n.Area:R} {n.MeanProbability:R} {n.BoundaryConfidence:R} {n.Type} {string.Join(' ', t.Measurements[i])}"));
}
