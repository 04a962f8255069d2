using HoverFast.Slides;

namespace HoverFast.Output;

/// <summary>
/// Draws how densely nuclei lie over a small picture of the slide, as PNG: the picture in grey, coloured from violet (few) over red and
/// orange to yellow (<see cref="FullDensity"/> and more) by the nuclei in squares of 50 um, smoothed. Where the model knows types, a bar at the lower
/// edge has each type's share of the nuclei in its colour.
/// </summary>
internal sealed class DensityOverviewOutput : INucleusOutput
{
    /// <summary>Nuclei in a square millimetre that get the brightest colour: a dense lymph follicle has about as many.</summary>
    public const double FullDensity = 10_000;

    private const double CellMicrons = 50;

    private static readonly (double At, double R, double G, double B)[] _colours =
        [(0, 40, 0, 90), (0.25, 130, 30, 130), (0.5, 215, 50, 80), (0.75, 250, 140, 20), (1, 255, 245, 120)];

    private readonly RgbImage _thumbnail;
    private readonly double _pixelsPerCell;
    private readonly double _thumbnailPixelsPerCell;
    private readonly int _columns;
    private readonly int _rows;
    private readonly int[] _counts;
    private readonly IReadOnlyList<NucleusClass> _classes;
    private readonly long[] _ofType;

    /// <summary>Starts the overview.</summary>
    /// <param name="path">Where to; by custom <c>NAME.overview.png</c>.</param>
    /// <param name="thumbnail">The slide's bounds, shrunk.</param>
    /// <param name="downsample">Full-resolution pixels in one pixel of the thumbnail.</param>
    /// <param name="mpp">Pixel size at full resolution.</param>
    /// <param name="classes">The types that the model knows, type 1 first; empty where it knows none.</param>
    public DensityOverviewOutput(string path, RgbImage thumbnail, double downsample, Mpp mpp, IReadOnlyList<NucleusClass>? classes = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(thumbnail);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(downsample);
        Path = path;
        _thumbnail = thumbnail;
        _pixelsPerCell = CellMicrons / mpp.MicronsPerPixel;
        _thumbnailPixelsPerCell = _pixelsPerCell / downsample;
        _columns = (int)Math.Ceiling(thumbnail.Width / _thumbnailPixelsPerCell);
        _rows = (int)Math.Ceiling(thumbnail.Height / _thumbnailPixelsPerCell);
        _counts = new int[_columns * _rows];
        _classes = classes ?? [];
        _ofType = new long[_classes.Count];
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        var centroid = nucleus.Nucleus.Centroid;
        var x = Math.Clamp((int)(centroid.X / _pixelsPerCell), 0, _columns - 1);
        var y = Math.Clamp((int)(centroid.Y / _pixelsPerCell), 0, _rows - 1);
        _counts[(y * _columns) + x]++;
        if (nucleus.Nucleus.Type is var type && type >= 1 && type <= _ofType.Length)
        {
            _ofType[type - 1]++;
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        var density = Smoothed();
        var picture = new RgbImage(_thumbnail.Width, _thumbnail.Height);
        for (var y = 0; y < picture.Height; y++)
        {
            var from = _thumbnail.Row(y);
            var to = picture.Row(y);
            for (var x = 0; x < picture.Width; x++)
            {
                var share = Math.Min(
                    1,
                    Between(density, ((x + 0.5) / _thumbnailPixelsPerCell) - 0.5, ((y + 0.5) / _thumbnailPixelsPerCell) - 0.5) / FullDensity);
                var grey = (0.299 * from[3 * x]) + (0.587 * from[(3 * x) + 1]) + (0.114 * from[(3 * x) + 2]);
                var (r, g, b) = ColourOf(share);

                // Faint densities let the tissue through.
                var cover = Math.Min(0.75, share * 6);
                to[3 * x] = (byte)Math.Round(grey + ((r - grey) * cover));
                to[(3 * x) + 1] = (byte)Math.Round(grey + ((g - grey) * cover));
                to[(3 * x) + 2] = (byte)Math.Round(grey + ((b - grey) * cover));
            }
        }

        DrawShares(picture);
        RgbImageFile.WritePng(Path, picture);
    }

    /// <summary>Does nothing: no file is open.</summary>
    public void Dispose()
    {
    }

    // A fiftieth of the picture's height, in the order of the types.
    private void DrawShares(RgbImage picture)
    {
        const int Share = 50;
        const int Least = 4;
        var all = _ofType.Sum();
        var height = Math.Min(picture.Height, Math.Max(Least, picture.Height / Share));
        var (start, done) = (0, 0L);
        for (var type = 0; type < _ofType.Length && all > 0; type++)
        {
            done += _ofType[type];
            var end = (int)(picture.Width * done / all);
            for (var y = picture.Height - height; y < picture.Height; y++)
            {
                var row = picture.Row(y);
                for (var x = start; x < end; x++)
                {
                    (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = (_classes[type].Red, _classes[type].Green, _classes[type].Blue);
                }
            }

            start = end;
        }
    }

    private static (double R, double G, double B) ColourOf(double share)
    {
        var i = 1;
        while (i < _colours.Length - 1 && share > _colours[i].At)
        {
            i++;
        }

        var (a, b) = (_colours[i - 1], _colours[i]);
        var t = (share - a.At) / (b.At - a.At);
        return (a.R + (t * (b.R - a.R)), a.G + (t * (b.G - a.G)), a.B + (t * (b.B - a.B)));
    }

    /// <summary>
    /// Nuclei in a square millimetre, each cell averaged with its neighbours by 1-2-1 weights in both directions. Of the last cells in a row and a column, as
    /// much counts as lies on the slide.
    /// </summary>
    private double[] Smoothed()
    {
        const double CellsInSquareMillimetre = 1e6 / (CellMicrons * CellMicrons);
        var density = new double[_counts.Length];
        for (var y = 0; y < _rows; y++)
        {
            for (var x = 0; x < _columns; x++)
            {
                double sum = 0, weights = 0;
                for (var dy = -1; dy <= 1; dy++)
                {
                    for (var dx = -1; dx <= 1; dx++)
                    {
                        if (x + dx >= 0 && x + dx < _columns && y + dy >= 0 && y + dy < _rows)
                        {
                            var weight = (2 - Math.Abs(dx)) * (2 - Math.Abs(dy));
                            sum += weight * _counts[((y + dy) * _columns) + x + dx];
                            weights += weight * OnSlide(x + dx, _thumbnail.Width) * OnSlide(y + dy, _thumbnail.Height);
                        }
                    }
                }

                density[(y * _columns) + x] = sum / weights * CellsInSquareMillimetre;
            }
        }

        return density;

        double OnSlide(int cell, int pixels) => Math.Min(1, (pixels / _thumbnailPixelsPerCell) - cell);
    }

    /// <summary>The density between cells' centres, bilinear.</summary>
    private double Between(double[] density, double x, double y)
    {
        x = Math.Clamp(x, 0, _columns - 1);
        y = Math.Clamp(y, 0, _rows - 1);
        var (x0, y0) = ((int)x, (int)y);
        var (x1, y1) = (Math.Min(x0 + 1, _columns - 1), Math.Min(y0 + 1, _rows - 1));
        var (tx, ty) = (x - x0, y - y0);
        var upper = (density[(y0 * _columns) + x0] * (1 - tx)) + (density[(y0 * _columns) + x1] * tx);
        var lower = (density[(y1 * _columns) + x0] * (1 - tx)) + (density[(y1 * _columns) + x1] * tx);
        return (upper * (1 - ty)) + (lower * ty);
    }
}
