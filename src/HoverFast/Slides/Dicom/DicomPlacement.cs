namespace HoverFast.Slides.Dicom;

/// <summary>Where a frame lies in the slide, where the file says so for each (PS3.3 C.8.12.6.1).</summary>
/// <param name="Column">Left edge in the total pixel matrix, counted from 1.</param>
/// <param name="Row">Upper edge, counted from 1.</param>
/// <param name="Height">Distance from the glass in microns: the focal plane.</param>
/// <param name="OpticalPath">Identifier of its optical path, or empty.</param>
internal readonly record struct DicomPlacement(int Column, int Row, double Height, string OpticalPath)
{
    /// <summary>Reads an item of the per-frame functional groups; null where it gives no place.</summary>
    /// <param name="group">The item.</param>
    /// <param name="paths">Identifiers read before, so that millions of frames share them.</param>
    public static DicomPlacement? Read(DicomDataSet group, Dictionary<string, string> paths)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(paths);
        var position = group.FirstItem(DicomTag.PlanePositionSlide) ?? group;
        if (position.Integer(DicomTag.ColumnPosition) is not { } column || position.Integer(DicomTag.RowPosition) is not { } row)
        {
            return null;
        }

        var path = group.FirstItem(DicomTag.OpticalPathIdentification)?.Text(DicomTag.OpticalPathIdentifier) ?? string.Empty;
        if (!paths.TryGetValue(path, out var known))
        {
            known = paths[path] = path;
        }

        var height = position.Numbers(DicomTag.ZOffset) is [var z, ..] ? z : 0;
        return new DicomPlacement((int)Math.Clamp(column, int.MinValue, int.MaxValue), (int)Math.Clamp(row, int.MinValue, int.MaxValue), height, known);
    }
}
