using HoverFast.Model;

namespace HoverFast.Pipeline;

/// <summary>
/// How much memory a run will take, about, and how many tiles may be under way for it to fit. The result does not depend on it. Set by the README's figures of
/// a student and HoverFast's network: right within a factor of two.
/// </summary>
/// <param name="Expected">Bytes at the most with a tile on each thread.</param>
/// <param name="Available">Bytes that the process may take: the machine's, or its container's.</param>
/// <param name="Tiles">Tiles that may be computed at once.</param>
/// <param name="Threads">Threads, each of which would compute one.</param>
public sealed record MemoryPlan(long Expected, long Available, int Tiles, int Threads)
{
    /// <summary>The run time with its code, buffers of the readers and outputs.</summary>
    private const long Program = 200L << 20;

    /// <summary>A pixel of a tile, or of the rows of it that are in memory: its colours, the maps, and what is found in them.</summary>
    private const double BytesOfTilePixel = 12;

    /// <summary>Rows of a tile in memory where the network takes it in bands: a band's, its halos', and those that the network looks ahead.</summary>
    private const int RowsOfBand = SlideSteps.BandRows + 270;

    /// <summary>A pixel of a tile while ONNX Runtime has it: whole layers, about as the root of the network's multiply-adds.</summary>
    private const double BytesOfRuntimePixel = 1.4;

    /// <summary>A column of a tile while the integer engine has it: some rows of each layer.</summary>
    private const double BytesOfEngineColumn = 3_300;

    /// <summary>Whether fewer tiles are computed at once than there are threads.</summary>
    public bool IsTight => Tiles < Threads;

    /// <summary>Plans a run.</summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How slides are segmented.</param>
    public static MemoryPlan For(NucleusModel model, SegmentSettings settings) => For(model, settings, keepsMaps: false);

    /// <summary>Plans a run.</summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How slides are segmented.</param>
    /// <param name="keepsMaps">Whether the maps of tiles are kept, which are in memory whole then.</param>
    internal static MemoryPlan For(NucleusModel model, SegmentSettings settings, bool keepsMaps)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        return For(
            model.Card,
            model.RunsInBands,
            settings.TileSize ?? model.SuggestedTileSize,
            settings.Threads,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            wholeTiles: keepsMaps || settings.Views > 1);
    }

    /// <summary>Tiles that may be computed at once where a second model looks at each of them too.</summary>
    /// <param name="model">The network.</param>
    /// <param name="second">The second, at its own tile size.</param>
    /// <param name="settings">How slides are segmented.</param>
    /// <param name="available">Bytes that the process may take.</param>
    internal static int TilesOfBoth(NucleusModel model, NucleusModel second, SegmentSettings settings, long available)
    {
        var tiles = settings.Threads;
        while (tiles > 1 && ExpectedOf(model, settings) + ExpectedOf(second, settings with { TileSize = null }) - Program > available)
        {
            tiles--;
        }

        return tiles;

        long ExpectedOf(NucleusModel one, SegmentSettings at) => For(one, at with { Threads = tiles }, keepsMaps: true).Expected;
    }

    /// <summary>Plans a run within an amount of memory.</summary>
    internal static MemoryPlan For(ModelCard card, bool integerEngine, int tileSize, int threads, long available, bool wholeTiles = false)
    {
        var pixels = (double)tileSize * (integerEngine && !wholeTiles ? Math.Min(tileSize, RowsOfBand) : tileSize);

        // Patches of one size are run one after the other, whatever the tile.
        var run = (double)(card.FixedInput ?? tileSize) * (card.FixedInput ?? tileSize);
        var inNetwork = integerEngine ? BytesOfEngineColumn * tileSize : BytesOfRuntimePixel * Math.Sqrt(Math.Max(card.MultiplyAddsPerPixel, 1)) * run;
        var most = threads;
        while (most > 1 && Bytes(most) > available)
        {
            most--;
        }

        return new MemoryPlan((long)Bytes(threads), available, most, threads);

        double Bytes(int tiles) => Program + (4.0 * card.Parameters) + (tiles * ((BytesOfTilePixel * pixels) + inNetwork));
    }
}
