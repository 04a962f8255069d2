using HoverFast.Slides.Dicom;

namespace HoverFast.Output.Dicom;

/// <summary>A coded concept (PS3.3 section 8.8): what a thing is, in the words of a terminology.</summary>
/// <param name="Value">The code.</param>
/// <param name="Scheme">The terminology: SCT (SNOMED CT), DCM, UCUM, or one of our own, which begins with 99.</param>
/// <param name="Meaning">The code's meaning, for people.</param>
internal sealed record DicomCode(string Value, string Scheme, string Meaning)
{
    private const string OwnScheme = "99HOVERFAST";

    /// <summary>What is annotated.</summary>
    public static DicomCode Nucleus { get; } = new("84640000", "SCT", "Nucleus");

    /// <summary>What kind of thing a nucleus is.</summary>
    public static DicomCode AnatomicalStructure { get; } = new("91723000", "SCT", "Anatomical Structure");

    /// <summary>How nuclei are found.</summary>
    public static DicomCode ArtificialIntelligence { get; } = new("123110", "DCM", "Artificial Intelligence");

    /// <summary>A concept that no terminology has.</summary>
    /// <param name="value">At most 16 characters.</param>
    /// <param name="meaning">At most 64 characters.</param>
    public static DicomCode Own(string value, string meaning) => new(value, OwnScheme, meaning);

    /// <summary>The concept as the one item of a sequence.</summary>
    public DicomDataSet ToDataSet()
    {
        var set = new DicomDataSet();
        set.Set(DicomTag.CodeValue, Value);
        set.Set(DicomTag.CodingScheme, Scheme);
        set.Set(DicomTag.CodeMeaning, Meaning);
        return set;
    }
}
