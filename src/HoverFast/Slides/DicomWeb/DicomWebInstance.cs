using HoverFast.Slides.Dicom;

namespace HoverFast.Slides.DicomWeb;

/// <summary>One instance on a server.</summary>
internal sealed class DicomWebInstance : IDicomInstance
{
    private readonly DicomPlacements _placements;
    private readonly DicomWebFrames _frames;

    /// <summary>Makes an instance of its metadata.</summary>
    /// <param name="series">The address of its series.</param>
    /// <param name="elements">Its elements.</param>
    /// <param name="placements">What was read of its frames' groups.</param>
    /// <param name="client">Fetches its frames.</param>
    /// <param name="cache">Keeps them.</param>
    public DicomWebInstance(string series, DicomDataSet elements, DicomPlacements placements, DicomWebClient client, FrameCache cache)
    {
        ArgumentNullException.ThrowIfNull(elements);
        Elements = elements;
        Name = $"{series}/instances/{elements.Text(DicomTag.SopInstance)}";
        _placements = placements;
        var frames = (int)Math.Clamp(elements.Integer(DicomTag.NumberOfFrames) ?? 1, 1, ReadingLimits.MostTiles);
        _frames = new DicomWebFrames(client, cache, Name, frames)
        {
            TransferSyntax = elements.Texts(DicomTag.AvailableTransferSyntax) is [var syntax, ..] ? syntax : string.Empty,
        };
        if (_frames.TransferSyntax.Length > 0)
        {
            elements.Set(DicomTag.TransferSyntax, _frames.TransferSyntax);
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public DicomDataSet Elements { get; }

    /// <inheritdoc/>
    public DicomDataSet? FirstGroup => _placements.First;

    /// <inheritdoc/>
    public IReadOnlyList<DicomPlacement> Placements => _placements.Places;

    /// <inheritdoc/>
    public IDicomFrames Frames => _frames;

    /// <summary>Finds out how frames are compressed where the metadata don't say, from another part of the same level or from the first frame.</summary>
    public void SettleSyntax(DicomWebInstance other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_frames.TransferSyntax.Length == 0)
        {
            _frames.TransferSyntax = other._frames.AskSyntax();
            Elements.Set(DicomTag.TransferSyntax, _frames.TransferSyntax);
        }
    }
}
