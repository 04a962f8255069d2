using HoverFast.Nuclei;

namespace HoverFast.Output.Dicom;

/// <summary>A measurement in coded concepts: SNOMED CT or DICOM where they have it, our own scheme otherwise; the unit in UCUM.</summary>
/// <param name="Concept">What is measured.</param>
/// <param name="Unit">Its unit.</param>
internal sealed record MeasurementCode(DicomCode Concept, DicomCode Unit)
{
    private static readonly DicomCode _none = new("1", "UCUM", "no units");
    private static readonly DicomCode _micrometre = new("um", "UCUM", "micrometer");

    /// <summary>The concepts of a measurement, by the name of its column.</summary>
    public static MeasurementCode Of(MeasurementName name) => name.Column switch
    {
        "area_um2" => new(new("42798000", "SCT", "Area"), new("um2", "UCUM", "square micrometer")),
        "perimeter_um" => new(new("131191004", "SCT", "Perimeter"), _micrometre),
        "major_axis_um" => new(new("131187009", "SCT", "Major Axis"), _micrometre),
        "minor_axis_um" => new(new("131188004", "SCT", "Minor Axis"), _micrometre),
        "orientation_deg" => new(DicomCode.Own("ORIENTATION", "Orientation of the major axis"), new("deg", "UCUM", "degree")),
        "probability" => new(new("122157", "DCM", "Probability"), _none),
        "eccentricity" => new(DicomCode.Own("ECCENTRICITY", "Eccentricity"), _none),
        "solidity" => new(DicomCode.Own("SOLIDITY", "Solidity"), _none),
        "circularity" => new(DicomCode.Own("CIRCULARITY", "Circularity"), _none),
        "boundary_confidence" => new(DicomCode.Own("BOUNDARY", "Boundary confidence"), _none),
        "match_probability" => new(DicomCode.Own("MATCH", "Match probability"), _none),
        var column => new(DicomCode.Own(ShortOf(column), DicomText.Fit(name.Name.Replace("Nucleus: ", "", StringComparison.Ordinal), 64)), _none),
    };

    /// <summary>A column's name as a code, which has 16 characters at most.</summary>
    private static string ShortOf(string column) => column[..Math.Min(16, column.Length)].ToUpperInvariant();
}
