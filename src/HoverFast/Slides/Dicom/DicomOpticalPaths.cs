namespace HoverFast.Slides.Dicom;

/// <summary>The optical paths of an instance (PS3.3 C.8.12.5): what lit the tissue for each of its pictures.</summary>
internal sealed class DicomOpticalPaths
{
    private const string Brightfield = "111744";

    /// <summary>Reads them.</summary>
    public DicomOpticalPaths(DicomDataSet elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        var paths = elements.Items(DicomTag.OpticalPathSequence);
        Count = (int)Math.Clamp(elements.Integer(DicomTag.OpticalPaths) ?? paths.Count, 1, 1000);
        var chosen = 0;
        for (var i = 0; i < paths.Count && !IsBrightfield; i++)
        {
            if (paths[i].Items(DicomTag.IlluminationTypeCodes).Any(c => c.Text(DicomTag.CodeValue) == Brightfield))
            {
                (chosen, IsBrightfield) = (i, true);
            }
        }

        Chosen = Math.Min(chosen, Count - 1);
        Identifier = chosen < paths.Count ? paths[chosen].Text(DicomTag.OpticalPathIdentifier) : string.Empty;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The first brightfield one; the first where none is said to be.</summary>
    public int Chosen { get; }

    /// <summary>Its identifier, or empty.</summary>
    public string Identifier { get; }

    /// <summary>Whether it is said to be brightfield.</summary>
    public bool IsBrightfield { get; }
}
