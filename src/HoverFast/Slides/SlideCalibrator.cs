using HoverFast.Files;

namespace HoverFast.Slides;

/// <summary>
/// Settles a slide's pixel size. First counts the user's table of overrides, then the pixel size given for all slides, then what the file states,
/// then an assumed magnification; never a silent guess.
/// </summary>
public sealed class SlideCalibrator
{
    /// <summary>The finest pixel size that a slide can have, in um/px.</summary>
    public const double Finest = 0.05;

    /// <summary>The coarsest pixel size at which nuclei can be found, in um/px.</summary>
    public const double Coarsest = 5;

    /// <summary>How much wider than high pixels may be (or the reverse) before a slide is refused.</summary>
    internal const double MostStretch = 1.05;

    /// <summary>How far apart, as a ratio, a pixel size that is given and the file's own may lie to be the same in other digits.</summary>
    private const double MostApart = 1.1;

    private readonly List<MppTable> _tables = [];

    /// <summary>The pixel size that the user states for every slide, or null.</summary>
    public Mpp? Stated { get; init; }

    /// <summary>The objective's power that the user assumes where the file states no pixel size, or null.</summary>
    public double? AssumedMagnification { get; init; }

    /// <summary>
    /// Reads a table of overrides. Each line holds a slide's file name (with or without its ending, with or without folders before it) and its pixel size
    /// in um/px (or with a unit of its own), parted by a comma, semicolon or tab. A first line may hold titles ("slide", "mpp"); empty lines and lines that
    /// start with # are skipped. Where commas don't part cells, a comma in a number is its decimal point.
    /// </summary>
    /// <exception cref="SlideException">The table is missing or a line can't be understood.</exception>
    public void AddTable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            _tables.Add(new MppTable(path, RegularFile.ReadAllText(path, ReadingLimits.MostTextBytes), Finest, Coarsest));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
    }

    /// <summary>The rows of the tables that match none of the slides: a misspelt name, perhaps.</summary>
    /// <param name="slidePaths">All slides that are going to be done.</param>
    /// <returns>The rows in words, for example "line 3 (a.svs)".</returns>
    public IReadOnlyList<string> UnmatchedRows(IReadOnlyCollection<string> slidePaths) => [.. _tables.SelectMany(t => t.Unmatched(slidePaths))];

    /// <summary>The pixel size that the user gives for a slide, whatever its file states; null where none is given.</summary>
    internal Mpp? Given(string path) => _tables.Select(t => t.Find(path)).LastOrDefault(m => m is not null) ?? Stated;

    /// <summary>Settles the pixel size of level 0.</summary>
    /// <exception cref="SlideException">None is known, or it is absurd (<see cref="SlideProblem.PixelSize"/>).</exception>
    public SlideCalibration Resolve(ISlide slide)
    {
        ArgumentNullException.ThrowIfNull(slide);
        if (_tables.Select(t => t.Find(slide.Path)).LastOrDefault(m => m is not null) is { } mpp)
        {
            return new SlideCalibration(mpp, "table of overrides");
        }

        if (Stated is { } stated)
        {
            return InsteadOfTheFiles(Check(slide, new SlideCalibration(stated, "given")), slide.Calibration);
        }

        if (slide.Calibration is { } own && (IsPlausible(own.Mpp.MicronsPerPixel) || AssumedMagnification is null))
        {
            return CheckSquare(slide, Check(slide, own));
        }

        if (AssumedMagnification is { } magnification)
        {
            return magnification is > 0 and <= 1000
                ? Check(slide, new SlideCalibration(Mpp.FromMagnification(magnification), "assumed magnification"))
                : throw new SlideException(slide.Path, $"the assumed magnification {magnification} is none of a microscope.");
        }

        throw new SlideException(slide.Path, "the file states no pixel size (mpp).") { Kind = SlideProblem.PixelSize };
    }

    /// <summary>A pixel size that is given counts more than the file's own; where they differ, it is told.</summary>
    private static SlideCalibration InsteadOfTheFiles(SlideCalibration given, SlideCalibration? file) =>
        file is { Mpp.MicronsPerPixel: var own }
        && IsPlausible(own)
        && Math.Max(own, given.Mpp.MicronsPerPixel) > MostApart * Math.Min(own, given.Mpp.MicronsPerPixel)
            ? given with { Overridden = file }
            : given;

    private static SlideCalibration CheckSquare(ISlide slide, SlideCalibration calibration)
    {
        var (width, height) = (calibration.Mpp.MicronsPerPixel, (calibration.Height ?? calibration.Mpp).MicronsPerPixel);
        return Math.Max(width / height, height / width) <= MostStretch
            ? calibration
            : throw new SlideException(
                slide.Path,
                $"its pixels are {width:0.####} um wide and {height:0.####} um high ({calibration.Source}); pixels must be square. "
                    + $"Resample it, for example with: vips resize IN OUT.tif {(width > height ? width / height : 1):0.######} --vscale {(height > width ? height / width : 1):0.######}.")
            {
                Kind = SlideProblem.PixelSize,
            };
    }

    private static bool IsPlausible(double mpp) => mpp is >= Finest and <= Coarsest;

    private static SlideCalibration Check(ISlide slide, SlideCalibration calibration) =>
        IsPlausible(calibration.Mpp.MicronsPerPixel)
            ? calibration
            : throw new SlideException(slide.Path, $"the pixel size {calibration.Mpp} ({calibration.Source}) lies outside {Finest} to {Coarsest} um/px.")
            {
                Kind = SlideProblem.PixelSize,
            };
}
