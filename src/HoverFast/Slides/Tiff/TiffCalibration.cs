using System.Globalization;
using System.Text.RegularExpressions;

namespace HoverFast.Slides.Tiff;

/// <summary>Finds the pixel size that a TIFF states, in the dialects of the field.</summary>
internal static partial class TiffCalibration
{
    // Outside of this, resolution tags are those of screens and printers (72 dpi is 353 um/px).
    private const double Finest = 0.05;
    private const double Coarsest = 10;

    /// <summary>The pixel size of the first page with its source, or null.</summary>
    public static SlideCalibration? Find(TiffDirectory page)
    {
        var description = page.Text(TiffTag.ImageDescription);
        if (description.StartsWith("Aperio", StringComparison.Ordinal))
        {
            return Make(AperioMpp(description), "Aperio MPP");
        }

        if (OmeXml.IsOme(description))
        {
            return OmeXml.Calibration(description) is { } ome ? Make(ome, "OME PhysicalSizeX") : null;
        }

        if (IsPhilips(description))
        {
            // Each level states its spacing; the finest is that of level 0.
            var spacings = PhilipsSpacing().Matches(description)
                .Select(m => double.TryParse(m.Groups["value"].Value, CultureInfo.InvariantCulture, out var millimetres) ? millimetres : 0)
                .Where(millimetres => millimetres > 0)
                .ToList();
            return spacings.Count > 0 ? Make(spacings.Min() * 1000, "Philips DICOM_PIXEL_SPACING") : null;
        }

        var perUnit = page.Fraction(TiffTag.XResolution);
        if (perUnit is not > 0)
        {
            return null;
        }

        if (description.StartsWith("ImageJ=", StringComparison.Ordinal))
        {
            var unit = ImageJUnit().Match(description).Groups["value"].Value;
            return unit is "micron" or "microns" or "um" or "\\u00B5m" or "\u00B5m" or "\u03BCm" ? Make(1 / perUnit.Value, "ImageJ resolution") : null;
        }

        return page.Number(TiffTag.ResolutionUnit, 2) switch
        {
            2 => Make(25400 / perUnit.Value, "TIFF resolution tags"),
            3 => Make(10000 / perUnit.Value, "TIFF resolution tags"),
            _ => null,
        };
    }

    /// <summary>Whether a description is that of a Philips scanner.</summary>
    internal static bool IsPhilips(string description) =>
        description.AsSpan(0, Math.Min(description.Length, 4000)).Contains("DPUfsImport", StringComparison.Ordinal);

    /// <summary>The MPP of an Aperio description ("...|MPP = 0.4990|..."), or null.</summary>
    internal static double? AperioMpp(string description)
    {
        var match = AperioMppPattern().Match(description);
        return match.Success && double.TryParse(match.Groups["value"].Value, CultureInfo.InvariantCulture, out var mpp) ? mpp : null;
    }

    private static SlideCalibration? Make(double? mpp, string source) =>
        mpp is >= Finest and <= Coarsest ? new SlideCalibration(new Mpp(mpp.Value), source) : null;

    [GeneratedRegex(@"\|\s*MPP\s*=\s*(?<value>[0-9.eE+-]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AperioMppPattern();

    [GeneratedRegex(@"DICOM_PIXEL_SPACING""[^>]*>\s*(&quot;|"")?(?<value>[0-9.eE+-]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PhilipsSpacing();

    [GeneratedRegex(@"(?m)^unit=(?<value>.*?)\s*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ImageJUnit();
}
