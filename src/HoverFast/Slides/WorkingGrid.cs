namespace HoverFast.Slides;

/// <summary>
/// The grid of pixels that the model sees of a slide: pixel (i, j) covers the full-resolution area [i s, (i+1) s) x [j s, (j+1) s),
/// where s is <see cref="Scale"/>. It depends on the slide and the model alone, never on how the slide is cut into tiles.
/// </summary>
internal sealed record WorkingGrid
{
    /// <summary>
    /// Within this of a whole number the scale becomes that number: 0.2525 um/px read for a 0.5 um/px model is halved exactly, which
    /// is faster and sharper than a resample. The model sees pixels at most 3 % off its own, far less than nuclei vary.
    /// </summary>
    private const double Snap = 0.03;

    /// <summary>Makes the grid.</summary>
    /// <param name="fullResolution">Pixels of the slide's level 0.</param>
    /// <param name="slide">Pixel size of level 0.</param>
    /// <param name="working">Pixel size that the model wants.</param>
    public WorkingGrid(PixelSize fullResolution, Mpp slide, Mpp working)
    {
        FullResolution = fullResolution;
        var scale = slide.PixelsIn(working);
        var whole = Math.Round(scale);
        Scale = whole >= 1 && Math.Abs(scale - whole) <= Snap * whole ? whole : scale;
        Mpp = new Mpp(slide.MicronsPerPixel * Scale);
        Size = new PixelSize(CeilingOf(fullResolution.Width), CeilingOf(fullResolution.Height));
    }

    /// <summary>Pixels of the slide's level 0.</summary>
    public PixelSize FullResolution { get; }

    /// <summary>Full-resolution pixels in a working pixel, in each direction.</summary>
    public double Scale { get; }

    /// <summary>The pixel size that the grid really has; within 3 % of the one that was wanted.</summary>
    public Mpp Mpp { get; }

    /// <summary>Working pixels that cover the slide.</summary>
    public PixelSize Size { get; }

    /// <summary>Working pixels that lie wholly on the slide: the last column and row may be mixed with what is beyond, and aren't counted then.</summary>
    public PixelSize Covered => new(FloorOf(FullResolution.Width), FloorOf(FullResolution.Height));

    /// <summary>The whole slide.</summary>
    public WorkingRect Whole => new(0, 0, Size.Width, Size.Height);

    /// <summary>Takes a working-grid point to full resolution. Points count from pixel corners on both grids.</summary>
    public (double X, double Y) ToFullResolution(double x, double y) => (x * Scale, y * Scale);

    /// <summary>The smallest full-resolution rectangle that covers a working rectangle.</summary>
    public PixelRect ToFullResolution(WorkingRect rect)
    {
        var x = (int)Math.Floor(rect.X * Scale);
        var y = (int)Math.Floor(rect.Y * Scale);
        return new PixelRect(x, y, (int)Math.Ceiling(rect.Right * Scale) - x, (int)Math.Ceiling(rect.Bottom * Scale) - y);
    }

    /// <summary>The smallest working rectangle that covers a full-resolution rectangle.</summary>
    public WorkingRect FromFullResolution(PixelRect rect)
    {
        var x = (int)Math.Floor(rect.X / Scale);
        var y = (int)Math.Floor(rect.Y / Scale);
        return new WorkingRect(x, y, (int)Math.Ceiling(rect.Right / Scale) - x, (int)Math.Ceiling(rect.Bottom / Scale) - y);
    }

    private int FloorOf(int pixels) => Math.Max(1, (int)Math.Floor((pixels / Scale) + 1e-6));

    private int CeilingOf(int pixels) => Math.Max(1, (int)Math.Ceiling((pixels / Scale) - 1e-9));
}
