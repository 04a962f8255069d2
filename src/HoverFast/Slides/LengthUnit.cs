namespace HoverFast.Slides;

/// <summary>The names under which files state units of length.</summary>
internal static class LengthUnit
{
    /// <summary>Microns in a unit; null where the name is none of a length that is known.</summary>
    /// <param name="name">For example "um", "micron", "nm", "inch"; the micro sign in any of its codes and ImageJ's escapes.</param>
    public static double? Microns(ReadOnlySpan<char> name)
    {
        name = name.Trim();
        if (name.Length is 0 or > 16)
        {
            return null;
        }

        // ImageJ writes the sign as an escape; a sign that was broken on its way arrives as U+FFFD.
        var plain = name.ToString().Replace("\\u00B5", "u", StringComparison.OrdinalIgnoreCase).Replace("\\u03BC", "u", StringComparison.OrdinalIgnoreCase)
            .Replace('\u00B5', 'u').Replace('\u03BC', 'u').Replace('\uFFFD', 'u');
        return plain.ToUpperInvariant() switch
        {
            "UM" or "MICRON" or "MICRONS" or "MICROMETER" or "MICROMETERS" or "MICROMETRE" or "MICROMETRES" => 1,
            "NM" or "NANOMETER" or "NANOMETERS" or "NANOMETRE" or "NANOMETRES" => 1e-3,
            "MM" or "MILLIMETER" or "MILLIMETERS" or "MILLIMETRE" or "MILLIMETRES" => 1e3,
            "CM" or "CENTIMETER" or "CENTIMETERS" or "CENTIMETRE" or "CENTIMETRES" => 1e4,
            "M" or "METER" or "METERS" or "METRE" or "METRES" => 1e6,
            "PM" => 1e-6,
            "\u00C5" or "ANGSTROM" => 1e-4,
            "IN" or "INCH" or "INCHES" or "\"" => 25_400,
            _ => null,
        };
    }
}
