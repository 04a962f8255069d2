using HoverFast.Slides;
using HoverFast.Tissue;

namespace HoverFast.Tiles;

/// <summary>
/// The tiles of a slide. A nucleus belongs to the one tile whose core holds its centroid. Cores and inputs lie on multiples of
/// the network's stride, so the network sees every pixel at the same phase wherever the grid lies, and the halo is wide enough for
/// it to see all that a nucleus of the core depends on: the nuclei don't depend on the grid (docs/whole-slides.md says how far).
/// </summary>
internal sealed class TileGrid
{
    /// <summary>A cell may be split at every eighth of its sides.</summary>
    private const int SplitPlaces = 8;

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
            throw new ArgumentException(
                $"A tile of {tileSize} pixels leaves no room beside a halo of {Halo} on each side; take at least {(2 * Halo) + (4 * stride)}.",
                nameof(tileSize));
        }

        Area = area;
        (Xs, CoreWidth) = Borders(area.X, area.Width, offset.Width);
        (Ys, CoreHeight) = Borders(area.Y, area.Height, offset.Height);

        // Columns of one width, as few as fit and no wider than they need to be: no sliver at the end.
        (int[] Starts, int Core) Borders(int start, int length, int shift)
        {
            var first = RoundDown(start, stride) - PositiveModulo(RoundDown(shift, stride), largestCore);
            var span = start + length - first;
            var (count, even) = EvenParts(span, largestCore, stride);
            var core = shift == 0 ? even : largestCore;
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

    /// <summary>Size of a tile's input where its core is full of tissue.</summary>
    public PixelSize InputSize => new(CoreWidth + (2 * Halo), CoreHeight + (2 * Halo));

    private int[] Xs { get; }

    private int[] Ys { get; }

    /// <summary>
    /// The tiles of all tissue, row by row: of each cell of the grid no more than the part that has tissue, in several tiles where that
    /// spares the network much glass.
    /// </summary>
    /// <param name="tissue">Where to look.</param>
    /// <param name="workingMpp">Pixel size of the working grid.</param>
    /// <param name="whole">Whether tiles keep their full size, as networks of one input size need.</param>
    public IReadOnlyList<Tile> Tiles(TissueMask tissue, Mpp workingMpp, bool whole = false)
    {
        ArgumentNullException.ThrowIfNull(tissue);
        var tiles = new List<Tile>();
        for (var row = 0; row < Ys.Length; row++)
        {
            for (var column = 0; column < Xs.Length; column++)
            {
                var cell = new WorkingRect(Xs[column], Ys[row], CoreWidth, CoreHeight);
                if (Part(cell, tissue, workingMpp) is { } part)
                {
                    var owned = new OwnedArea(
                        column == 0 ? double.NegativeInfinity : cell.X,
                        row == 0 ? double.NegativeInfinity : cell.Y,
                        column == Xs.Length - 1 ? double.PositiveInfinity : cell.Right,
                        row == Ys.Length - 1 ? double.PositiveInfinity : cell.Bottom);
                    if (whole)
                    {
                        tiles.Add(new Tile(tiles.Count, cell, cell.Grow(Halo), owned));
                    }
                    else
                    {
                        Add(tiles, part, owned, tissue, workingMpp);
                    }
                }
            }
        }

        return tiles;
    }

    /// <summary>Parts of one size, as few as fit and no larger than they need to be.</summary>
    /// <param name="length">What is parted, at least 1.</param>
    /// <param name="most">What a part may have at most, but for rounding to the stride.</param>
    /// <param name="stride">Parts are multiples of it.</param>
    internal static (int Count, int Size) EvenParts(int length, int most, int stride)
    {
        var count = ((length - 1) / most) + 1;
        return (count, RoundUp(((length - 1) / count) + 1, stride));
    }

    // Adds one tile for a part of the grid, or several where glass between them is worth more than their halos.
    private void Add(List<Tile> tiles, WorkingRect part, OwnedArea owned, TissueMask tissue, Mpp workingMpp)
    {
        var least = Effort(part);
        (WorkingRect First, WorkingRect Second, OwnedArea OwnedFirst, OwnedArea OwnedSecond)? split = null;
        for (var i = 1; i < SplitPlaces; i++)
        {
            var x = part.X + RoundDown(part.Width * i / SplitPlaces, Stride);
            var y = part.Y + RoundDown(part.Height * i / SplitPlaces, Stride);
            Try(part with { Width = x - part.X }, part with { X = x, Width = part.Right - x }, owned with { Right = x }, owned with { Left = x });
            Try(part with { Height = y - part.Y }, part with { Y = y, Height = part.Bottom - y }, owned with { Bottom = y }, owned with { Top = y });
        }

        if (split is { } two)
        {
            Add(tiles, two.First, two.OwnedFirst, tissue, workingMpp);
            Add(tiles, two.Second, two.OwnedSecond, tissue, workingMpp);
        }
        else
        {
            tiles.Add(new Tile(tiles.Count, part, part.Grow(Halo), owned));
        }

        void Try(WorkingRect first, WorkingRect second, OwnedArea ownedFirst, OwnedArea ownedSecond)
        {
            if (first.Width > 0
                && first.Height > 0
                && Part(first, tissue, workingMpp) is { } a
                && Part(second, tissue, workingMpp) is { } b
                && Effort(a) + Effort(b) < least)
            {
                least = Effort(a) + Effort(b);
                split = (a, b, ownedFirst, ownedSecond);
            }
        }
    }

    // Pixels that the network sees.
    private long Effort(WorkingRect part) => (long)(part.Width + (2 * Halo)) * (part.Height + (2 * Halo));

    // All tissue of a rectangle on the grid's stride, itself on the stride.
    private WorkingRect? Part(WorkingRect rect, TissueMask tissue, Mpp workingMpp)
    {
        if (tissue.Within(rect, workingMpp) is not { } part)
        {
            return null;
        }

        var (x, y) = (RoundDown(part.X, Stride), RoundDown(part.Y, Stride));
        return new WorkingRect(x, y, RoundUp(part.Right, Stride) - x, RoundUp(part.Bottom, Stride) - y);
    }

    private static int RoundDown(int value, int step) => (int)Math.Floor((double)value / step) * step;

    private static int RoundUp(int value, int step) => (int)Math.Ceiling((double)value / step) * step;

    private static int PositiveModulo(int value, int divisor) => ((value % divisor) + divisor) % divisor;
}
