namespace HoverFast.Slides.Dicom;

/// <summary>One DICOM file: its elements, and where its frames lie. Reads are thread safe.</summary>
internal sealed class DicomFile : IDicomInstance
{
    private readonly Lazy<DicomFilePixels> _frames;
    private readonly DicomPlacements _placements = new();

    /// <summary>Reads a file's elements.</summary>
    /// <param name="path">The file.</param>
    /// <param name="files">Keeps it open.</param>
    /// <exception cref="InvalidDataException">The structure is damaged.</exception>
    /// <exception cref="NotSupportedException">It is encoded in a way that isn't known.</exception>
    public DicomFile(string path, OpenFiles files)
    {
        Name = path;
        var reader = new DicomReader(files.LengthOf(path), (bytes, offset) => files.Read(path, bytes, offset)) { KeepsProfiles = true };
        reader.HandedOver[DicomTag.PerFrameGroups] = _placements.Add;
        Elements = reader.ReadFile();
        _frames = new Lazy<DicomFilePixels>(() => new DicomFilePixels(reader, Elements));
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
    public IDicomFrames Frames => _frames.Value;
}
