using HoverFast.Slides;

namespace HoverFast.Tissue;

/// <summary>
/// Where on a slide to look for nuclei: a coarse bitmap that lies over the slide, its corner at the corner of level 0. It knows its
/// cell size in microns, so one mask serves any working grid. What lies outside the bitmap is not tissue.
/// </summary>
internal sealed class TissueMask
{
    private readonly bool[] _cells;

    /// <summary>Makes a mask over the given cells.</summary>
    /// <param name="width">Cells in a row, at least 1.</param>
    /// <param name="height">Rows of cells, at least 1.</param>
    /// <param name="cells">Row-major, true where there is tissue; width x height elements.</param>
    /// <param name="cellWidth">Width of a cell in microns, above 0.</param>
    /// <param name="cellHeight">Height of a cell in microns, above 0.</param>
    /// <param name="source">Where the mask comes from in words, for the manifest.</param>
    public TissueMask(int width, int height, bool[] cells, double cellWidth, double cellHeight, string source)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cellWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cellHeight);
        if (cells.Length != checked(width * height))
        {
            throw new ArgumentException($"{width} x {height} cells need {(long)width * height} elements, not {cells.Length}.", nameof(cells));
        }

        Width = width;
        Height = height;
        CellWidth = cellWidth;
        CellHeight = cellHeight;
        Source = source;
        _cells = cells;
    }

    /// <summary>Cells in a row.</summary>
    public int Width { get; }

    /// <summary>Rows of cells.</summary>
    public int Height { get; }

    /// <summary>Width of a cell in microns.</summary>
    public double CellWidth { get; }

    /// <summary>Height of a cell in microns.</summary>
    public double CellHeight { get; }

    /// <summary>Where the mask comes from in words, for example "detected at 8 um/px".</summary>
    public string Source { get; }

    /// <summary>The cells, row-major, true where there is tissue.</summary>
    public ReadOnlySpan<bool> Cells => _cells;

    /// <summary>Area of the tissue in square millimetres.</summary>
    public double AreaInSquareMillimetres => _cells.AsSpan().Count(true) * (CellWidth * CellHeight) * 1e-6;

    /// <summary>Whether there is no tissue at all.</summary>
    public bool IsEmpty => !_cells.AsSpan().Contains(true);

    /// <summary>A mask that calls everything tissue: one cell as large as the slide.</summary>
    /// <param name="slide">Level-0 pixels of the slide.</param>
    /// <param name="slideMpp">Pixel size of level 0.</param>
    /// <param name="source">Where the mask comes from in words.</param>
    public static TissueMask Everything(PixelSize slide, Mpp slideMpp, string source) =>
        new(1, 1, [true], slide.Width * slideMpp.MicronsPerPixel, slide.Height * slideMpp.MicronsPerPixel, source);

    /// <summary>Whether a point of the slide, in microns from its corner, lies on tissue.</summary>
    public bool Contains(double micronsX, double micronsY)
    {
        var x = (int)Math.Floor(micronsX / CellWidth);
        var y = (int)Math.Floor(micronsY / CellHeight);
        return x >= 0 && x < Width && y >= 0 && y < Height && _cells[(y * Width) + x];
    }

    /// <summary>The smallest part of a rectangle of the working grid that holds all its tissue; null where it touches none.</summary>
    /// <param name="rect">The rectangle; may reach outside the slide.</param>
    /// <param name="workingMpp">Pixel size of the working grid.</param>
    public WorkingRect? Within(WorkingRect rect, Mpp workingMpp)
    {
        double cellWidth = CellWidth / workingMpp.MicronsPerPixel, cellHeight = CellHeight / workingMpp.MicronsPerPixel;
        var left = Math.Max(0, (int)Math.Floor(rect.X / cellWidth));
        var top = Math.Max(0, (int)Math.Floor(rect.Y / cellHeight));
        var right = (int)Math.Min(Width, Math.Ceiling(rect.Right / cellWidth));
        var bottom = (int)Math.Min(Height, Math.Ceiling(rect.Bottom / cellHeight));
        int firstX = int.MaxValue, lastX = -1, firstY = int.MaxValue, lastY = -1;
        for (var y = top; y < bottom && left < right; y++)
        {
            var row = _cells.AsSpan((y * Width) + left, right - left);
            var first = row.IndexOf(true);
            if (first >= 0)
            {
                (firstX, lastX) = (Math.Min(firstX, left + first), Math.Max(lastX, left + row.LastIndexOf(true)));
                (firstY, lastY) = (Math.Min(firstY, y), y);
            }
        }

        if (lastX < 0)
        {
            return null;
        }

        var x0 = Math.Max(rect.X, (int)Math.Floor(firstX * cellWidth));
        var y0 = Math.Max(rect.Y, (int)Math.Floor(firstY * cellHeight));
        return new WorkingRect(
            x0,
            y0,
            (int)Math.Min(rect.Right, Math.Ceiling((lastX + 1) * cellWidth)) - x0,
            (int)Math.Min(rect.Bottom, Math.Ceiling((lastY + 1) * cellHeight)) - y0);
    }

    /// <summary>Area of the tissue in a rectangle of the working grid, in square millimetres.</summary>
    /// <param name="rect">The rectangle; may reach outside the slide.</param>
    /// <param name="workingMpp">Pixel size of the working grid.</param>
    public double AreaIn(WorkingRect rect, Mpp workingMpp)
    {
        var mpp = workingMpp.MicronsPerPixel;
        var area = 0.0;
        for (var y = Math.Max(0, (int)Math.Floor(rect.Y * mpp / CellHeight)); y < Height && y * CellHeight < rect.Bottom * mpp; y++)
        {
            var height = Math.Min(rect.Bottom * mpp, (y + 1) * CellHeight) - Math.Max(rect.Y * mpp, y * CellHeight);
            for (var x = Math.Max(0, (int)Math.Floor(rect.X * mpp / CellWidth)); x < Width && x * CellWidth < rect.Right * mpp; x++)
            {
                var width = Math.Min(rect.Right * mpp, (x + 1) * CellWidth) - Math.Max(rect.X * mpp, x * CellWidth);
                area += _cells[(y * Width) + x] ? width * height : 0;
            }
        }

        return area * 1e-6;
    }

    /// <summary>The same tissue further right and down, on cells of the same size (or larger ones, where they would be too many).</summary>
    /// <param name="micronsX">How far right.</param>
    /// <param name="micronsY">How far down.</param>
    internal TissueMask Moved(double micronsX, double micronsY)
    {
        const double MostCells = 64e6;
        var (right, bottom) = (micronsX + (Width * CellWidth), micronsY + (Height * CellHeight));
        var coarser = Math.Max(1, Math.Sqrt(right / CellWidth * (bottom / CellHeight) / MostCells));
        var (cellWidth, cellHeight) = (CellWidth * coarser, CellHeight * coarser);
        var (width, height) = ((int)Math.Ceiling(right / cellWidth), (int)Math.Ceiling(bottom / cellHeight));
        var cells = new bool[width * height];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                cells[(y * width) + x] = Contains(((x + 0.5) * cellWidth) - micronsX, ((y + 0.5) * cellHeight) - micronsY);
            }
        }

        return new TissueMask(width, height, cells, cellWidth, cellHeight, Source);
    }

    /// <summary>The part that both masks call tissue, on the grid of the finer one.</summary>
    public TissueMask And(TissueMask other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (fine, coarse) = CellWidth * CellHeight <= other.CellWidth * other.CellHeight ? (this, other) : (other, this);
        var cells = new bool[fine._cells.Length];
        for (var y = 0; y < fine.Height; y++)
        {
            for (var x = 0; x < fine.Width; x++)
            {
                var i = (y * fine.Width) + x;
                cells[i] = fine._cells[i] && coarse.Contains((x + 0.5) * fine.CellWidth, (y + 0.5) * fine.CellHeight);
            }
        }

        return new TissueMask(fine.Width, fine.Height, cells, fine.CellWidth, fine.CellHeight, $"{Source}, {other.Source}");
    }
}
