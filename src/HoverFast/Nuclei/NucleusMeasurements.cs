using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Nuclei;

/// <summary>
/// Measures nuclei: shape from the outline, stain densities from the pixels whose centre lies inside it, confidence from the network.
/// Thread safe.
/// </summary>
internal sealed class NucleusMeasurements
{
    /// <summary>The name of how sure the model is of a nucleus's type.</summary>
    public const string TypeProbability = "Type probability";

    private const int StainValues = 4;

    [ThreadStatic]
    private static OutlineRaster? _raster;

    [ThreadStatic]
    private static OutlinePoint[]? _points;

    private readonly MeasurementChoice _choice;
    private readonly StainDensities _stain;
    private readonly double _um;
    private readonly bool _typed;

    /// <summary>Prepares the measurements.</summary>
    /// <param name="choice">Which.</param>
    /// <param name="stain">The slides' stain.</param>
    /// <param name="mpp">Pixel size of the grid that outlines and pictures are given on.</param>
    /// <param name="typed">Whether nuclei have types.</param>
    public NucleusMeasurements(MeasurementChoice choice, Stain stain, Mpp mpp, bool typed = false)
    {
        _typed = typed;
        _choice = choice;
        _stain = DensitiesOf(stain);
        _um = mpp.MicronsPerPixel;
        Names = NamesOf(choice, stain, typed);
    }

    /// <summary>The names of what <see cref="Measure"/> gives, in its order.</summary>
    public IReadOnlyList<MeasurementName> Names { get; }

    /// <summary>The names for a choice and a stain, as QuPath's users know them.</summary>
    /// <param name="choice">Which measurements.</param>
    /// <param name="stain">The slides' stain.</param>
    /// <param name="typed">Whether nuclei have types.</param>
    public static IReadOnlyList<MeasurementName> NamesOf(MeasurementChoice choice, Stain stain, bool typed = false)
    {
        MeasurementName[] ofType = typed ? [new(TypeProbability, "type_probability", 3)] : [];
        var second = DensitiesOf(stain).SecondName;
        var column = second.ToLowerInvariant();
        return choice switch
        {
            MeasurementChoice.None => [],
            MeasurementChoice.Basic =>
            [
                new("Nucleus: Area \u00B5m^2", "area_um2", 2),
                new("Nucleus: Circularity", "circularity", 3),
                new("Detection probability", "probability", 3),
                new("Match probability", "match_probability", 3),
                .. ofType,
            ],
            _ =>
            [
                new("Nucleus: Area \u00B5m^2", "area_um2", 2),
                new("Nucleus: Perimeter \u00B5m", "perimeter_um", 2),
                new("Nucleus: Major axis \u00B5m", "major_axis_um", 2),
                new("Nucleus: Minor axis \u00B5m", "minor_axis_um", 2),
                new("Nucleus: Eccentricity", "eccentricity", 3),
                new("Nucleus: Solidity", "solidity", 3),
                new("Nucleus: Circularity", "circularity", 3),
                new("Nucleus: Orientation \u00B0", "orientation_deg", 1),
                new("Nucleus: Hematoxylin OD mean", "hematoxylin_od_mean", 3),
                new("Nucleus: Hematoxylin OD std dev", "hematoxylin_od_std", 3),
                new($"Nucleus: {second} OD mean", $"{column}_od_mean", 3),
                new($"Nucleus: {second} OD std dev", $"{column}_od_std", 3),
                new("Detection probability", "probability", 3),
                new("Boundary confidence", "boundary_confidence", 3),
                new("Match probability", "match_probability", 3),
                .. ofType,
            ],
        };
    }

    /// <summary>Measures one nucleus.</summary>
    /// <param name="picture">The tile that it was found in, in its own colours.</param>
    /// <param name="nucleus">The nucleus in the picture's pixels.</param>
    /// <returns>The values in the order of <see cref="Names"/>; stain densities are NaN where the nucleus covers no pixel's centre.</returns>
    public float[] Measure(RgbImage picture, Nucleus nucleus)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(nucleus);
        if (_choice == MeasurementChoice.None)
        {
            return [];
        }

        var shape = OutlineShape.Of(nucleus.Contour, withHull: _choice == MeasurementChoice.All);
        var area = (float)(shape.Area * _um * _um);
        float[] ofType = !_typed ? [] : [nucleus.Type == 0 ? float.NaN : nucleus.TypeProbability];
        if (_choice == MeasurementChoice.Basic)
        {
            return [area, (float)shape.Circularity, nucleus.MeanProbability, nucleus.MatchProbability, .. ofType];
        }

        Span<float> stain = stackalloc float[StainValues];
        _stain.Measure(picture, Pixels(nucleus), stain);
        return
        [
            area,
            (float)(shape.Perimeter * _um),
            (float)(shape.MajorAxis * _um),
            (float)(shape.MinorAxis * _um),
            (float)shape.Eccentricity,
            (float)shape.Solidity,
            (float)shape.Circularity,
            (float)shape.Orientation,
            .. stain,
            nucleus.MeanProbability,
            nucleus.BoundaryConfidence,
            nucleus.MatchProbability,
            .. ofType,
        ];
    }

    private static StainDensities DensitiesOf(Stain stain) =>
        stain == Stain.HaematoxylinDab ? StainDensities.HaematoxylinDab : StainDensities.HaematoxylinEosin;

    private static ReadOnlySpan<PixelRun> Pixels(Nucleus nucleus)
    {
        var contour = nucleus.Contour;
        if (_points is null || _points.Length < contour.Length)
        {
            _points = new OutlinePoint[Math.Max(256, 2 * contour.Length)];
        }

        for (var i = 0; i < contour.Length; i++)
        {
            _points[i] = OutlinePoint.Round(contour[i].X, contour[i].Y);
        }

        _raster ??= new OutlineRaster();
        return _raster.Fill(_points.AsSpan(0, contour.Length));
    }
}
