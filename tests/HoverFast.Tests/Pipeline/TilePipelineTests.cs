using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tiles;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class TilePipelineTests
{
    private const int Width = 1500;
    private const int Height = 900;
    private static readonly Mpp _half = new(0.5);

    [Theory]
    [InlineData(256, 0)]
    [InlineData(256, 104)]
    [InlineData(512, 56)]
    [InlineData(2048, 0)]
    public async Task FindsTheSameNucleiOnEveryGrid(int tileSize, int shift)
    {
        var steps = new DrawnTissueSteps(Width, Height, 1);
        var reference = await Run(steps, Tiles(1024, 0), 1);
        var other = await Run(steps, Tiles(tileSize, shift), 3);
        Assert.Equal(steps.Count, reference.Sum(r => r.Nuclei.Count));
        Assert.Equal(Described(reference).Order(StringComparer.Ordinal), Described(other).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(2048, 128, null)]
    [InlineData(2048, 128, 40)]
    [InlineData(512, 200, 0)]
    [InlineData(512, 100, 77)]
    [InlineData(256, 64, 30)]
    public async Task FindsTheSameNucleiInBands(int tileSize, int rows, int? ahead)
    {
        var reference = await Run(new DrawnTissueSteps(Width, Height, 1), Tiles(1024, 0), 1);
        var steps = new DrawnTissueSteps(Width, Height, 1) { BandRows = rows, LooksAhead = ahead };
        var inBands = await Run(steps, Tiles(tileSize, 0), 3);
        Assert.Equal(Described(reference).Order(StringComparer.Ordinal), Described(inBands).Order(StringComparer.Ordinal));
        if (ahead is { } more)
        {
            // A band, its halos of 24 rows, and what the network needs beyond.
            Assert.InRange(steps.MostRows, 1, rows + 8 + (2 * 24) + 16 + more);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BandsOfATileThatIsDamagedTellItOnce(bool inBands)
    {
        var damage = new PixelRect(600, 300, 128, 300);
        var steps = new DrawnTissueSteps(Width, Height, 3) { Damage = damage, BandRows = 128, LooksAhead = inBands ? 40 : null };
        var damaged = await Run(steps, Tiles(2048, 0), 1, skipCorrupt: true);
        Assert.Equal([damage], Assert.Single(damaged).Corrupt);
        Assert.InRange(damaged[0].Nuclei.Count, steps.Count / 2, steps.Count - 10);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(700, 1)]
    public async Task ATileOfGlassIsLookedAtToItsEnd(int nucleusAt, int expected)
    {
        var steps = new DrawnTissueSteps(0, 0, 1) { BandRows = 128, LooksAhead = 40, Glass = 240 };
        if (nucleusAt > 0)
        {
            steps.Add(300, nucleusAt, 9);
        }

        var results = await Run(steps, Tiles(2048, 0), 1);
        Assert.Equal(expected, results.Sum(r => r.Nuclei.Count));
        Assert.Equal(expected > 0, steps.MostRows > 0);
    }

    [Fact]
    public async Task WritesInGridOrderWhateverTheThreads()
    {
        var one = await Run(new DrawnTissueSteps(Width, Height, 2), Tiles(256, 0), 1);
        using var slow = new ThreadLocal<Random>(() => new Random(Environment.CurrentManagedThreadId));
        var disturbed = new DrawnTissueSteps(Width, Height, 2) { OnInfer = () => Thread.Sleep(slow.Value!.Next(6)) };
        var many = await Run(disturbed, Tiles(256, 0), 8);
        Assert.Equal(Enumerable.Range(0, one.Count), many.Select(r => r.TileIndex));
        Assert.Equal(Described(one), Described(many));
    }

    [Fact]
    public async Task GivesUpAtACorruptTileAndSaysWhere()
    {
        var steps = new DrawnTissueSteps(Width, Height, 3) { Damage = new PixelRect(600, 300, 128, 128) };
        var error = await Assert.ThrowsAsync<SlideException>(() => Run(steps, Tiles(256, 0), 2));
        Assert.Contains("600, 300", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SkipsOnlyWhatIsCorrupt()
    {
        var damage = new PixelRect(600, 300, 128, 128);
        var whole = await Run(new DrawnTissueSteps(Width, Height, 3), Tiles(512, 0), 2);
        var damaged = await Run(new DrawnTissueSteps(Width, Height, 3) { Damage = damage }, Tiles(512, 0), 2, skipCorrupt: true);
        Assert.Equal([damage], damaged.SelectMany(r => r.Corrupt).Distinct());

        // A piece of up to 64 pixels around the damage may be lost, no more.
        var kept = Described(damaged).ToHashSet(StringComparer.Ordinal);
        var lost = whole.SelectMany(r => r.Nuclei).Where(n => !kept.Contains(Describe(n))).ToList();
        Assert.NotEmpty(lost);
        Assert.All(lost, n =>
        {
            Assert.InRange(n.Centroid.X / 2, 600 - 80, 728 + 80);
            Assert.InRange(n.Centroid.Y / 2, 300 - 80, 428 + 80);
        });
    }

    [Fact]
    public async Task StopsWhenAsked()
    {
        using var cancel = new CancellationTokenSource();
        var steps = new DrawnTissueSteps(Width, Height, 4) { OnInfer = cancel.Cancel };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(steps, Tiles(256, 0), 2, cancellation: cancel.Token));
    }

    [Fact]
    public async Task PassesOnAnErrorOfTheWriter()
    {
        var pipeline = new TilePipeline(new DrawnTissueSteps(Width, Height, 5), new TilePipelineSettings(2, false), new StageClock());
        var error = await Assert.ThrowsAsync<IOException>(() =>
            pipeline.RunAsync(Tiles(256, 0), _ => throw new IOException("disk full"), TestContext.Current.CancellationToken));
        Assert.Equal("disk full", error.Message);
    }

    private static IReadOnlyList<Tile> Tiles(int size, int shift) =>
        new TileGrid(new WorkingRect(0, 0, Width, Height), size, 24, 8, new PixelSize(shift, shift / 2))
            .Tiles(TissueMask.Everything(new PixelSize(Width, Height), _half, "all"), _half);

    private static async Task<List<TileResult>> Run(
        ITileSteps steps,
        IReadOnlyList<Tile> tiles,
        int threads,
        bool skipCorrupt = false,
        CancellationToken? cancellation = null)
    {
        var results = new List<TileResult>();
        var pipeline = new TilePipeline(steps, new TilePipelineSettings(threads, skipCorrupt), new StageClock());
        var seams = new SeamReconciler(tiles, 2, 0, 0);
        await pipeline.RunAsync(
            tiles,
            tile =>
            {
                results.Add(seams.Reconcile(tile));
                return ValueTask.CompletedTask;
            },
            cancellation ?? TestContext.Current.CancellationToken);
        return results;
    }

    private static IEnumerable<string> Described(IEnumerable<TileResult> results) =>
        results.SelectMany(r => r.Nuclei.Select(Describe));

    private static string Describe(Nucleus n) => $"{n.Contour[0].X:0.00} {n.Contour[0].Y:0.00} {n.Contour[2].X:0.00} {n.Contour[2].Y:0.00} {n.Area:0}";
}
