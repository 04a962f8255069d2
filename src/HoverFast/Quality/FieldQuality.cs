namespace HoverFast.Quality;

/// <summary>A field of a slide, judged.</summary>
internal sealed record FieldQuality
{
    /// <summary>Left edge, in full-resolution pixels from the corner of the slide's bounds.</summary>
    public required double X { get; init; }

    /// <summary>Upper edge.</summary>
    public required double Y { get; init; }

    /// <summary>Pixels on a side.</summary>
    public required double Side { get; init; }

    /// <summary>Share of the sampled pixels that is stained, 0 to 1.</summary>
    public required double Stained { get; init; }

    /// <summary>Mean optical density in red, green and blue of the stained pixels.</summary>
    public required IReadOnlyList<double> Density { get; init; }

    /// <summary>Fine over coarse steps between pixels, as a natural logarithm: the lower, the more blurred.</summary>
    public required double Sharpness { get; init; }

    /// <summary>Nuclei.</summary>
    public required long Nuclei { get; init; }

    /// <summary>What was done to the tissue or its picture: pen, dark, bright, blurred, fold, bubble, dust; empty where nothing was.</summary>
    public required IReadOnlyList<string> Artefacts { get; init; }

    /// <summary>Whether its nuclei were left out of the result because of the artefacts.</summary>
    public bool LeftOut { get; init; }

    /// <summary>What is to be expected here.</summary>
    public required SlideQuality Quality { get; init; }

    /// <summary>Whether nuclei of the field are not to be counted on.</summary>
    public bool IsDoubtful => Artefacts.Count > 0 || Quality.Advice is QualityAdvice.Adapt or QualityAdvice.Refuse;

    /// <summary>What was done to the tissue of a field, or to its picture, as far as the field tells by itself.</summary>
    /// <param name="field">What was seen in it.</param>
    /// <param name="quality">How it was judged.</param>
    public static List<string> ArtefactsOf(FieldSums field, SlideQuality quality)
    {
        var stained = Math.Max(1.0, field[FieldNumber.Stained]);
        var artefacts = new List<string>();
        Tell("pen", field[FieldNumber.Ink] / stained > 0.1);
        Tell("dark", field[FieldNumber.Black] / stained > 0.15);
        Tell("bright", field[FieldNumber.White] / Math.Max(1.0, field[FieldNumber.Pixels]) > 0.5);
        Tell("blurred", IsBlurred(field) || quality.Differences.Contains("blurred"));
        return artefacts;

        void Tell(string word, bool holds)
        {
            if (holds)
            {
                artefacts.Add(word);
            }
        }
    }

    /// <summary>
    /// The squares of the steps to the next pixel against those to the fourth, as a logarithm: -2.77 of a slope without any edge. Unlike
    /// <see cref="Sharpness"/>, which keeps quiet of faint tissue, it is for a yes or no.
    /// </summary>
    /// <param name="near">Mean square of the step to the next pixel.</param>
    /// <param name="far">That to the fourth.</param>
    public static double SharpnessOf(double near, double far)
    {
        const double Faint = 0.05;
        return Math.Log((Faint + near) / (Faint + far));
    }

    /// <summary>Whether fine steps are missing.</summary>
    private static bool IsBlurred(FieldSums field)
    {
        const double Blurred = -2.33;
        var stained = Math.Max(1.0, field[FieldNumber.Stained]);
        return SharpnessOf(field[FieldNumber.NearStep] / stained, field[FieldNumber.FarStep] / stained) < Blurred;
    }

    /// <summary>Judges the fields of a slide; those with hardly any stained pixel are left out: of mostly glass nothing can be said.</summary>
    /// <param name="map">The fields.</param>
    /// <param name="judge">Who judges.</param>
    /// <param name="scale">Full-resolution pixels in a micron.</param>
    /// <param name="left">The working grid's corner in the pixels of the results.</param>
    /// <param name="top">Its row.</param>
    /// <param name="leftOut">The fields that were left out of the result; null for none.</param>
    public static IReadOnlyList<FieldQuality> Of(
        FieldMap map, QualityJudge judge, double scale, double left, double top, ArtefactFields? leftOut = null)
    {
        var artefacts = new SlideArtefacts(map, judge);
        return
        [
            .. from field in map.Fields
               where field[FieldNumber.Stained] >= QualityJudge.FewPixels
               select Of(field, judge.Judge(field), artefacts, FieldSums.Side * scale, left, top) with { LeftOut = leftOut?.Contains(field) == true },
        ];
    }

    private static FieldQuality Of(FieldSums field, SlideQuality quality, SlideArtefacts artefacts, double side, double left, double top)
    {
        var figures = FieldFeatures.Of(field);
        return new FieldQuality
        {
            X = Math.Round((field.Column * side) + left, 2),
            Y = Math.Round((field.Row * side) + top, 2),
            Side = Math.Round(side, 2),
            Stained = Rounded(figures[FieldFeatures.PlaceOf("stained")]),
            Density =
            [
                Rounded(figures[FieldFeatures.PlaceOf("red")]),
                Rounded(figures[FieldFeatures.PlaceOf("green")]),
                Rounded(figures[FieldFeatures.PlaceOf("blue")]),
            ],
            Sharpness = Rounded(figures[FieldFeatures.PlaceOf("sharpness")]),
            Nuclei = field[FieldNumber.Nuclei],
            Artefacts = artefacts.Of(field, quality),
            Quality = quality,
        };
    }

    private static double Rounded(double value) => Math.Round(value, 3);
}
