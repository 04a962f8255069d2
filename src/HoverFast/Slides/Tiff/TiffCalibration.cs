using System.Buffers;

namespace HoverFast.Slides.Tiff;

/// <summary>Finds the pixel size that a TIFF states, in the dialects of the field.</summary>
internal static class TiffCalibration
{
    // Outside of this, resolution tags are those of screens and printers (72 dpi is 353 um/px).
    private const double Finest = 0.05;
    private const double Coarsest = 10;

    private static readonly SearchValues<char> _numberLetters = SearchValues.Create("0123456789.,eE+-");

    private const double MicronsInInch = 25_400;
    private const double MicronsInCentimetre = 10_000;

    /// <summary>The pixel size of a page with its source, or null.</summary>
    /// <param name="page">The page.</param>
    /// <param name="description">Its description.</param>
    public static SlideCalibration? Find(TiffDirectory page, string description)
    {
        if (description.StartsWith("Aperio", StringComparison.Ordinal))
        {
            return Make(AperioMpp(description), null, "Aperio MPP");
        }

        if (IsPhilips(description))
        {
            return OfPhilips(description);
        }

        var (perUnitX, perUnitY) = (page.Fraction(TiffTag.XResolution), page.Fraction(TiffTag.YResolution));
        if (perUnitX is not > 0)
        {
            return null;
        }

        var imageJ = new ImageJDescription(description);
        var isImageJs = imageJ.IsImageJ && imageJ.Unit.Length > 0;
        var unit = isImageJs ? LengthUnit.Microns(imageJ.Unit) : page.Number(TiffTag.ResolutionUnit, 2) switch
        {
            2 => MicronsInInch,
            3 => MicronsInCentimetre,
            _ => (double?)null,
        };
        return Make(unit / perUnitX, unit / perUnitY, isImageJs ? "ImageJ resolution" : "TIFF resolution tags");
    }

    /// <summary>The pixel size of an OME picture, or null.</summary>
    public static SlideCalibration? OfOme(OmePicture picture) => Make(picture.PhysicalSizeX, picture.PhysicalSizeY, "OME PhysicalSizeX");

    /// <summary>Whether a description is that of a Philips scanner.</summary>
    internal static bool IsPhilips(string description) =>
        description.AsSpan(0, Math.Min(description.Length, 4000)).Contains("DPUfsImport", StringComparison.Ordinal);

    /// <summary>The MPP of an Aperio description ("...|MPP = 0.4990|..."), or null.</summary>
    internal static double? AperioMpp(string description) => FileNumber.Parse(AperioValue(description, "MPP")?.Split(' ', 2)[0]);

    /// <summary>A value of an Aperio description, or null.</summary>
    internal static string? AperioValue(string description, string key)
    {
        foreach (var part in description.AsSpan().Split('|'))
        {
            var entry = description.AsSpan()[part];
            var at = entry.IndexOf('=');
            if (at > 0 && entry[..at].Trim().SequenceEqual(key))
            {
                return entry[(at + 1)..].Trim().ToString();
            }
        }

        return null;
    }

    /// <summary>Each level states its spacing; the finest is that of level 0.</summary>
    private static SlideCalibration? OfPhilips(string description)
    {
        const string Name = "DICOM_PIXEL_SPACING\"";
        var finest = double.MaxValue;
        for (var rest = description.AsSpan(); rest.IndexOf(Name, StringComparison.Ordinal) is var at and >= 0;)
        {
            rest = rest[(at + Name.Length)..];
            var value = rest[(rest.IndexOf('>') + 1)..].TrimStart();
            value = value.StartsWith("&quot;", StringComparison.Ordinal) ? value[6..] : value.TrimStart('"');
            var end = value.IndexOfAnyExcept(_numberLetters);
            if (FileNumber.TryParse(end < 0 ? value : value[..end], out var millimetres) && millimetres > 0)
            {
                finest = Math.Min(finest, millimetres);
            }
        }

        return Make(finest * 1000, null, "Philips DICOM_PIXEL_SPACING");
    }

    private static SlideCalibration? Make(double? x, double? y, string source)
    {
        if (x is not (>= Finest and <= Coarsest))
        {
            return null;
        }

        var height = y is >= Finest and <= Coarsest && y != x ? new Mpp(y.Value) : (Mpp?)null;
        return new SlideCalibration(new Mpp(x.Value), source) { Height = height };
    }
}
