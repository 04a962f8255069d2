using HoverFast.Slides;
using HoverFast.Tissue;

namespace HoverFast.Tiles;

/// <summary>
/// The tiles of a slide. A nucleus belongs to the one tile whose core holds its centroid. Cores and inputs lie on multiples of
/// the network's stride, so the network sees every pixel at the same phase wherever the grid lies, and the halo is wide enough for
/// it to see all that a nucleus of the core depends on: the nuclei don't depend on the grid.
/// </summary>
public sealed class TileGrid
{
    /// <summary>Lays the grid.</summary>
    /// <param name="area">The slide's bounds on the working grid; not empty.</param>
    /// <param name="tileSize">Wanted edge of an input (core and both halos) in working pixels.</param>
    /// <param name="halo">Least width of the halo in working pixels: receptive field and largest nucleus.</param>
    /// <param name="stride">The network's stride in working pixels: all edges are multiples of it.</param>
    /// <param name="offset">Moves all tile borders (a property to test with); snapped to the stride.</param>
    /// <exception cref="ArgumentException">The tile is too small for its halo.</exception>
    public TileGrid(WorkingRect area, int tileSize, int halo, int stride, PixelSize offset = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(halo);
        ArgumentOutOfRangeException.ThrowIfLessThan(area.Width, 1, nameof(area));
        ArgumentOutOfRangeException.ThrowIfLessThan(area.Height, 1, nameof(area));
        Stride = stride;
        Halo = RoundUp(halo, stride);
        var largestCore = RoundDown(tileSize, stride) - (2 * Halo);
        if (largestCore < stride)
        {
            throw new ArgumentException($"A tile of {tileSize} pixels leaves no room beside a halo of {Halo} on each side; take at least {(2 * Halo) + (4 * stride)}.", nameof(tileSize));
        }

        Area = area;
        (Xs, CoreWidth) = Borders(area.X, area.Width, offset.Width);
        (Ys, CoreHeight) = Borders(area.Y, area.Height, offset.Height);

        // Columns of one width, as few as fit and no wider than they need to be: no sliver at the end.
        (int[] Starts, int Core) Borders(int start, int length, int shift)
        {
            var first = RoundDown(start, stride) - PositiveModulo(RoundDown(shift, stride), largestCore);
            var span = start + length - first;
            var count = (span + largestCore - 1) / largestCore;
            var core = shift == 0 ? RoundUp((span + count - 1) / count, stride) : largestCore;
            return ([.. Enumerable.Range(0, count).Select(i => first + (i * core))], core);
        }
    }

    /// <summary>The slide's bounds on the working grid.</summary>
    public WorkingRect Area { get; }

    /// <summary>Width of the halo, a multiple of the stride.</summary>
    public int Halo { get; }

    /// <summary>The network's stride.</summary>
    public int Stride { get; }

    /// <summary>Width of every core.</summary>
    public int CoreWidth { get; }

    /// <summary>Height of every core.</summary>
    public int CoreHeight { get; }

    /// <summary>Columns and rows of tiles, with tissue or without.</summary>
    public PixelSize TileCount => new(Xs.Length, Ys.Length);

    /// <summary>Size of every tile's input.</summary>
    public PixelSize InputSize => new(CoreWidth + (2 * Halo), CoreHeight + (2 * Halo));

    private int[] Xs { get; }

    private int[] Ys { get; }

    /// <summary>The tiles whose cores touch tissue, row by row.</summary>
    /// <param name="tissue">Where to look.</param>
    /// <param name="workingMpp">Pixel size of the working grid.</param>
    public IReadOnlyList<Tile> Tiles(TissueMask tissue, Mpp workingMpp)
    {
        ArgumentNullException.ThrowIfNull(tissue);
        var tiles = new List<Tile>();
        for (var row = 0; row < Ys.Length; row++)
        {
            for (var column = 0; column < Xs.Length; column++)
            {
                var core = new WorkingRect(Xs[column], Ys[row], CoreWidth, CoreHeight);
                if (tissue.Intersects(core, workingMpp))
                {
                    var owned = new OwnedArea(
                        column == 0 ? double.NegativeInfinity : core.X,
                        row == 0 ? double.NegativeInfinity : core.Y,
                        column == Xs.Length - 1 ? double.PositiveInfinity : core.Right,
                        row == Ys.Length - 1 ? double.PositiveInfinity : core.Bottom);
                    tiles.Add(new Tile(tiles.Count, core, core.Grow(Halo), owned));
                }
            }
        }

        return tiles;
    }

    private static int RoundDown(int value, int step) => (int)Math.Floor((double)value / step) * step;

    private static int RoundUp(int value, int step) => (int)Math.Ceiling((double)value / step) * step;

    private static int PositiveModulo(int value, int divisor) => ((value % divisor) + divisor) % divisor;
}
