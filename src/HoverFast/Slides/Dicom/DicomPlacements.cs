namespace HoverFast.Slides.Dicom;

/// <summary>Takes the per-frame functional groups of an instance one by one, and keeps what is needed of them.</summary>
internal sealed class DicomPlacements
{
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);
    private readonly List<DicomPlacement> _places = [];
    private int _frames;

    /// <summary>The first frame's groups, or null.</summary>
    public DicomDataSet? First { get; private set; }

    /// <summary>Each frame's place; none where some frame lacks one.</summary>
    public IReadOnlyList<DicomPlacement> Places => _places.Count == _frames ? _places : [];

    /// <summary>Takes the next frame's groups.</summary>
    public void Add(DicomDataSet group)
    {
        First ??= group;
        _frames++;
        if (_frames <= ReadingLimits.MostTiles && DicomPlacement.Read(group, _paths) is { } place)
        {
            _places.Add(place);
        }
    }
}
