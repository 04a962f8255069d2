using System.Globalization;

namespace HoverFast.Slides;

/// <summary>
/// Settles a slide's pixel size. First counts the user's table of overrides, then the user's <c>--mpp</c>, then what the file states,
/// then <c>--assume-magnification</c>; never a silent guess.
/// </summary>
public sealed class SlideCalibrator
{
    /// <summary>The finest pixel size that a slide can have, in um/px.</summary>
    public const double Finest = 0.05;

    /// <summary>The coarsest pixel size at which nuclei can be found, in um/px.</summary>
    public const double Coarsest = 5;

    private const string WaysOut = "Give it with --mpp (for example --mpp 0.25), or per slide with --mpp-table FILE.csv (lines: file name, mpp), " +
        "or as the objective's power with --assume-magnification (for example 40).";

    private readonly Dictionary<string, Mpp> _table = new(StringComparer.Ordinal);

    /// <summary>The pixel size that the user states for every slide (<c>--mpp</c>), or null.</summary>
    public Mpp? Stated { get; init; }

    /// <summary>The objective's power that the user assumes where the file states no pixel size (<c>--assume-magnification</c>), or null.</summary>
    public double? AssumedMagnification { get; init; }

    /// <summary>
    /// Reads a table of overrides. Each line holds a slide's file name (with or without its ending) and its pixel size in um/px, parted by a comma,
    /// semicolon or tab. A first line of titles, empty lines and lines that start with # are skipped.
    /// </summary>
    /// <exception cref="SlideException">The table is missing or a line can't be understood.</exception>
    public void AddTable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }

        var titlesMayCome = true;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var fields = line.Split([',', ';', '\t'], StringSplitOptions.TrimEntries);
            var isNumber = double.TryParse(fields.Length > 1 ? fields[1] : null, CultureInfo.InvariantCulture, out var mpp);
            if (!isNumber && titlesMayCome)
            {
                titlesMayCome = false;
                continue;
            }

            titlesMayCome = false;
            if (!isNumber || !IsPlausible(mpp))
            {
                throw new SlideException(path, $"line {i + 1} (\"{line}\") isn't a file name and a pixel size from {Finest} to {Coarsest} um/px.");
            }

            _table[fields[0].Trim('"')] = new Mpp(mpp);
        }
    }

    /// <summary>Settles the pixel size of level 0.</summary>
    /// <exception cref="SlideException">None is known, or it is absurd; the message names the three ways out.</exception>
    public SlideCalibration Resolve(ISlide slide)
    {
        ArgumentNullException.ThrowIfNull(slide);
        var name = Path.GetFileName(slide.Path);
        if (_table.TryGetValue(name, out var mpp) || _table.TryGetValue(Path.GetFileNameWithoutExtension(name), out mpp))
        {
            return new SlideCalibration(mpp, "table of overrides");
        }

        if (Stated is { } stated)
        {
            return Check(slide, new SlideCalibration(stated, "--mpp"));
        }

        if (slide.Calibration is { } own && (IsPlausible(own.Mpp.MicronsPerPixel) || AssumedMagnification is null))
        {
            return Check(slide, own);
        }

        if (AssumedMagnification is { } magnification)
        {
            return magnification is > 0 and <= 1000
                ? Check(slide, new SlideCalibration(Mpp.FromMagnification(magnification), "--assume-magnification"))
                : throw new SlideException(slide.Path, $"the assumed magnification {magnification} is none of a microscope.");
        }

        throw new SlideException(slide.Path, $"the file states no pixel size (mpp). {WaysOut}");
    }

    private static bool IsPlausible(double mpp) => mpp is >= Finest and <= Coarsest;

    private static SlideCalibration Check(ISlide slide, SlideCalibration calibration) => IsPlausible(calibration.Mpp.MicronsPerPixel)
        ? calibration
        : throw new SlideException(slide.Path, $"the pixel size {calibration.Mpp} ({calibration.Source}) lies outside {Finest} to {Coarsest} um/px. {WaysOut}");
}
