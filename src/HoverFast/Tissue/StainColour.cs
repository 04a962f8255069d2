using HoverFast.Stains;

namespace HoverFast.Tissue;

/// <summary>
/// Tells tissue from glass and ink by colour alone, in optical density against the slide's own glass. The dyes of histology all
/// absorb green (haematoxylin also red, DAB also blue); inks don't keep to that.
/// </summary>
/// <param name="glass">Colour of blank glass, 1 to 255 each.</param>
internal readonly struct StainColour((int R, int G, int B) glass)
{
    // Optical densities. The faintest eosin worth a look absorbs 5 % of green; glass and its JPEG noise, averaged over 8 um, stay below 2 %.
    private const float FaintestStain = 0.022f;
    private const float FaintestHue = 0.012f;

    private static readonly float[] _density = OpticalDensity.Decadic;

    private readonly float _r = _density[glass.R];
    private readonly float _g = _density[glass.G];
    private readonly float _b = _density[glass.B];

    /// <summary>The kind of a spot with this mean colour.</summary>
    public SpotKind KindOf(byte red, byte green, byte blue)
    {
        var brightest = Math.Max(red, Math.Max(green, blue));
        var darkest = Math.Min(red, Math.Min(green, blue));
        if (brightest <= 12)
        {
            return SpotKind.Fill;
        }

        var r = _density[red] - _r;
        var g = _density[green] - _g;
        var b = _density[blue] - _b;
        var most = Math.Max(r, Math.Max(g, b));
        var least = Math.Min(r, Math.Min(g, b));
        if (most < FaintestStain || most - least < FaintestHue)
        {
            return SpotKind.Glass;
        }

        // Black ink and pencil: dark in all colours alike, where even the densest nuclei keep a violet hue.
        if (g > 0.25f && brightest - darkest < 0.18f * brightest && (brightest < 110 || most - least < 0.1f * most))
        {
            return brightest < 110 ? SpotKind.Ink : SpotKind.Glass;
        }

        // Green, cyan and blue ink let more green through than red; haematoxylin does not, by more than its blue shift.
        if (r > 0.05f && r > (1.35f * Math.Max(g, 0)) + 0.03f)
        {
            return SpotKind.Ink;
        }

        // Green-yellow ink: green is the brightest colour, which no stain leaves it.
        if (green > red + 6 && green > blue + 6)
        {
            return SpotKind.Ink;
        }

        // Red ink: absorbs blue nearly as much as green and no red. Eosin lets blue through, DAB absorbs red as well, blood is less pure.
        if (g > 0.3f && b > 0.8f * g && r < 0.12f * g)
        {
            return SpotKind.Ink;
        }

        return SpotKind.Tissue;
    }
}
