using System.Globalization;
using HoverFast.Slides;

namespace HoverFast.Tissue;

/// <summary>
/// Finds tissue on a picture of the whole slide at low resolution: by stain colour against the slide's own glass, then by shape. Pen,
/// dust, blank glass and black fill are left out; small holes (lumina, vessels, pen strokes across tissue) are closed and the
/// edge is widened, so that no nucleus at the rim is lost.
/// </summary>
internal static class TissueDetector
{
    /// <summary>The cell size at which tissue is looked for, in microns: about one nucleus.</summary>
    public const double CellSize = 8;

    /// <summary>Square microns below which a spot of stain is dust; two or three cells side by side.</summary>
    private const double SmallestTissue = 1000;

    /// <summary>Square microns up to which a hole counts as part of the tissue around it.</summary>
    private const double LargestHole = 50_000;

    /// <summary>The same in a small picture, where a lone cell may be all there is.</summary>
    private const double SmallestTissueInField = 250;

    /// <summary>The same for tissue without a hue, which dust resembles more.</summary>
    private const double SmallestFaintTissue = 20_000;

    /// <summary>Grey levels of local spread that glass and its JPEG noise, averaged over a cell, don't reach.</summary>
    private const double FaintUnevenness = 2.2;

    /// <summary>Grey levels of local spread that only the edge of something dark makes.</summary>
    private const double EdgeUnevenness = 14;

    /// <summary>Green of the brightest glass whose edge to what wasn't scanned is uneven enough to be seen.</summary>
    private const int BrightestGlass = 250;

    /// <summary>Microns over which gaps are bridged and by which the rim is widened.</summary>
    private const double Gap = 40;
    private const double Rim = 24;

    /// <summary>Cells beyond which the overview of a very large slide is made coarser.</summary>
    private const double MostCells = 20e6;

    /// <summary>Edge in cells of the blocks in which the overview is read.</summary>
    private const int Block = 128;

    /// <summary>Edge in pixels up to which a plain picture is a field of view cut out of tissue, not a slide with glass around it.</summary>
    private const int LargestField = 2000;

    /// <summary>Finds the tissue of a slide.</summary>
    /// <remarks>
    /// A small plain picture is tissue as a whole unless it is blank. What can't be decoded at low resolution counts as tissue, so
    /// that reading it at full resolution decides.
    /// </remarks>
    /// <param name="slide">The slide.</param>
    /// <param name="slideMpp">Pixel size of level 0.</param>
    /// <param name="threads">Threads to read with.</param>
    /// <param name="cancellation">Stops the search.</param>
    public static TissueMask Detect(ISlide slide, Mpp slideMpp, int threads, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(slide);
        var size = slide.Levels[0].Size;
        var um = slideMpp.MicronsPerPixel;
        var cell = Math.Max(CellSize, Math.Sqrt(size.Area * um * um / MostCells));
        var sampler = new SlideSampler(slide, slideMpp, new Mpp(Math.Max(cell, um)));
        var whole = sampler.Grid.Size;
        var overview = new RgbImage(whole.Width, whole.Height);
        var columns = (whole.Width + Block - 1) / Block;
        var undecodable = DamagedRegions.ReadInBlocks(
            overview,
            Block,
            (x, y, part) => sampler.Read(new WorkingRect(x, y, part.Width, part.Height), part),
            threads,
            cancellation);

        FillEdge(overview, sampler.Grid.Covered);
        var field = slide.Levels.Count == 1 && Math.Max(size.Width, size.Height) <= LargestField;
        var mask = Detect(overview, sampler.Grid.Mpp, field, sampler.Grid.FromFullResolution(slide.Bounds));
        if (undecodable.Contains(true))
        {
            mask = WithBlocks(mask, undecodable, columns);
        }

        return field && (!mask.IsEmpty || !IsBlank(slide)) ? TissueMask.Everything(size, slideMpp, "whole picture") : mask;
    }

    /// <summary>
    /// Whether a small picture shows nothing: evenly bright but for its noise, or drawn on with a pen. Tissue in gray, and a crop that glass and tissue can't
    /// be told apart on, aren't blank.
    /// </summary>
    private static bool IsBlank(ISlide slide)
    {
        const int Side = 4;
        const double EvenBrightness = 3;
        const double MostInk = 0.05;
        var size = slide.Levels[0].Size;
        var picture = new RgbImage(size.Width, size.Height);
        slide.Read(0, 1, new PixelRect(0, 0, size.Width, size.Height), picture);
        var small = new RgbImage(Math.Max(1, size.Width / Side), Math.Max(1, size.Height / Side));
        Span<int> sum = stackalloc int[3];
        for (var y = 0; y < small.Height; y++)
        {
            for (var x = 0; x < small.Width; x++)
            {
                sum.Clear();
                var (width, height) = (Math.Min(Side, size.Width), Math.Min(Side, size.Height));
                for (var k = 0; k < width * height; k++)
                {
                    var pixel = picture.Row((y * Side) + (k / width)).Slice(((x * Side) + (k % width)) * 3, 3);
                    sum[0] += pixel[0];
                    sum[1] += pixel[1];
                    sum[2] += pixel[2];
                }

                for (var c = 0; c < 3; c++)
                {
                    small.Row(y)[(x * 3) + c] = (byte)(sum[c] / (width * height));
                }
            }
        }

        var stain = new StainColour(Glass(small, WholeOf(small)));
        double n = small.Size.Area, ink = 0, total = 0, squares = 0;
        for (var i = 0; i < small.Span.Length; i += 3)
        {
            var (r, g, b) = (small.Span[i], small.Span[i + 1], small.Span[i + 2]);
            var brightness = (r + g + b) / 3.0;
            total += brightness;
            squares += brightness * brightness;
            ink += stain.KindOf(r, g, b) is SpotKind.Ink or SpotKind.Fill ? 1 : 0;
        }

        return ink > MostInk * n || Math.Sqrt(Math.Max(0, (squares / n) - (total * total / (n * n)))) < EvenBrightness;
    }

    /// <summary>Finds the tissue on an overview picture.</summary>
    /// <param name="overview">The whole slide, small.</param>
    /// <param name="mpp">Pixel size of the overview, best about <see cref="CellSize"/>.</param>
    public static TissueMask Detect(RgbImage overview, Mpp mpp)
    {
        ArgumentNullException.ThrowIfNull(overview);
        return Detect(overview, mpp, field: false, WholeOf(overview));
    }

    /// <param name="overview">The whole slide, small.</param>
    /// <param name="mpp">Pixel size of the overview.</param>
    /// <param name="field">Whether the slide is a crop.</param>
    /// <param name="scan">The part of the overview that was scanned: around it is white, whatever colour the glass has.</param>
    private static TissueMask Detect(RgbImage overview, Mpp mpp, bool field, WorkingRect scan)
    {
        var width = overview.Width;
        var height = overview.Height;
        var glass = Glass(overview, scan);
        var stain = new StainColour(glass);
        var cells = new bool[width * height];
        var spoilt = new bool[width * height];
        for (var y = 0; y < height; y++)
        {
            var row = overview.Row(y);
            for (var x = 0; x < width; x++)
            {
                var kind = stain.KindOf(row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]);
                cells[(y * width) + x] = kind == SpotKind.Tissue;
                spoilt[(y * width) + x] = kind is SpotKind.Ink or SpotKind.Fill;
            }
        }

        var um = mpp.MicronsPerPixel;
        var bitmap = new Bitmap(width, height, cells);

        // The blurred edge of ink has spots of any hue, so beside ink the smallest spots don't count.
        var smallest = field && !spoilt.Contains(true) ? SmallestTissueInField : SmallestTissue;
        bitmap.DropComponents(value: true, (int)Math.Ceiling(smallest / (um * um)));
        AddUnscanned(overview, glass, spoilt);
        AddFaintTissue(overview, um, cells, spoilt);
        bitmap.Close(Math.Max(1, (int)Math.Round(Gap / 2 / um)));
        bitmap.DropComponents(value: false, (int)(LargestHole / (um * um)));
        bitmap.Dilate(Math.Max(1, (int)Math.Round(Rim / um)));
        return new TissueMask(width, height, cells, um, um, string.Create(CultureInfo.InvariantCulture, $"detected at {um:0.##} um/px"));
    }

    /// <summary>
    /// Cells that reach beyond the slide are mixed with the white there, and as uneven as faint tissue: they take the colour of those beside them.
    /// </summary>
    private static void FillEdge(RgbImage overview, PixelSize covered)
    {
        for (var y = 0; y < covered.Height; y++)
        {
            var row = overview.Row(y);
            for (var x = covered.Width; x < overview.Width; x++)
            {
                row.Slice(3 * (covered.Width - 1), 3).CopyTo(row[(3 * x)..]);
            }
        }

        for (var y = covered.Height; y < overview.Height; y++)
        {
            overview.Row(covered.Height - 1).CopyTo(overview.Row(y));
        }
    }

    /// <summary>
    /// What a scanner left out is plain white, which glass on average never is. Where the two meet is as uneven as faint tissue: nothing faint counts there.
    /// </summary>
    private static void AddUnscanned(RgbImage overview, (int R, int G, int B) glass, bool[] spoilt)
    {
        if (glass.G > BrightestGlass)
        {
            return;
        }

        var pixels = overview.Span;
        for (var i = 0; i < spoilt.Length; i++)
        {
            spoilt[i] |= !pixels.Slice(3 * i, 3).ContainsAnyExcept(byte.MaxValue);
        }
    }

    private static WorkingRect WholeOf(RgbImage picture) => new(0, 0, picture.Width, picture.Height);

    private static TissueMask WithBlocks(TissueMask mask, bool[] blocks, int columns)
    {
        var cells = mask.Cells.ToArray();
        for (var i = 0; i < cells.Length; i++)
        {
            var (y, x) = Math.DivRem(i, mask.Width);
            cells[i] |= blocks[(y / Block * columns) + (x / Block)];
        }

        return new TissueMask(mask.Width, mask.Height, cells, mask.CellWidth, mask.CellHeight, mask.Source);
    }

    /// <summary>
    /// Adds tissue too pale to show a hue (immunohistochemistry with little counterstain): its brightness is uneven from cell to
    /// cell, that of glass is not. Only over an area larger than a grain of dust, and away from ink and its blurred edge.
    /// </summary>
    private static void AddFaintTissue(RgbImage overview, double um, bool[] cells, bool[] spoilt)
    {
        var width = overview.Width;
        var height = overview.Height;
        new Bitmap(width, height, spoilt).Dilate(Math.Max(1, (int)Math.Round(Gap / um)));
        var faint = new bool[cells.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                faint[(y * width) + x] = !spoilt[(y * width) + x] && Unevenness(overview, x, y) is >= FaintUnevenness and <= EdgeUnevenness;
            }
        }

        new Bitmap(width, height, faint).DropComponents(value: true, (int)Math.Ceiling(SmallestFaintTissue / (um * um)));
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] |= faint[i];
        }
    }

    /// <summary>Standard deviation of green in the 5 x 5 cells around one.</summary>
    private static double Unevenness(RgbImage overview, int x, int y)
    {
        int n = 0, sum = 0, squares = 0;
        for (var v = Math.Max(0, y - 2); v <= Math.Min(overview.Height - 1, y + 2); v++)
        {
            var row = overview.Row(v);
            for (var u = Math.Max(0, x - 2); u <= Math.Min(overview.Width - 1, x + 2); u++)
            {
                int green = row[(3 * u) + 1];
                n++;
                sum += green;
                squares += green * green;
            }
        }

        return Math.Sqrt(Math.Max(0, ((double)squares / n) - ((double)sum * sum / ((double)n * n))));
    }

    /// <summary>
    /// The colour of blank glass: the median of bright, nearly grey pixels, or plain white where there are too few of them to be
    /// the background.
    /// </summary>
    /// <param name="overview">The whole slide, small.</param>
    /// <param name="scan">The part of it that counts.</param>
    internal static (int R, int G, int B) Glass(RgbImage overview, WorkingRect scan)
    {
        var histograms = new int[3, 256];
        var count = 0;
        var (left, right) = (Math.Max(scan.X, 0), Math.Min(scan.Right, overview.Width));
        var (top, bottom) = (Math.Max(scan.Y, 0), Math.Min(scan.Bottom, overview.Height));
        for (var y = top; y < bottom; y++)
        {
            var pixels = overview.Row(y)[(left * 3)..(right * 3)];
            for (var i = 0; i < pixels.Length; i += 3)
            {
                int r = pixels[i], g = pixels[i + 1], b = pixels[i + 2];
                var darkest = Math.Min(r, Math.Min(g, b));
                if (darkest >= 205 && Math.Max(r, Math.Max(g, b)) - darkest <= 12)
                {
                    histograms[0, r]++;
                    histograms[1, g]++;
                    histograms[2, b]++;
                    count++;
                }
            }
        }

        return count == 0 || count * 50L < (long)(right - left) * (bottom - top) ? (245, 245, 245) : (Median(0), Median(1), Median(2));

        int Median(int channel)
        {
            var below = 0;
            var value = 0;
            while (value < 255 && (below += histograms[channel, value]) * 2 < count)
            {
                value++;
            }

            return value;
        }
    }
}
