using Microsoft.Win32.SafeHandles;

namespace HoverFast.Slides.Dicom;

/// <summary>One DICOM file: its elements, and where its frames lie. Reads are thread safe.</summary>
internal sealed class DicomFile : IDisposable
{
    private const int MostPlacements = 20_000_000;

    private readonly SafeFileHandle _handle;
    private readonly DicomReader _reader;
    private readonly Lazy<DicomFilePixels> _frames;

    private DicomFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        _reader = new DicomReader(handle);
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        var frame = 0;
        _reader.HandedOver[DicomTag.PerFrameGroups] = group =>
        {
            FirstGroup ??= group;
            if (DicomPlacement.Read(group, paths) is { } placement && Placements.Count == frame && frame < MostPlacements)
            {
                Placements.Add(placement);
            }

            frame++;
        };
        Elements = _reader.ReadFile();
        _frames = new Lazy<DicomFilePixels>(() => new DicomFilePixels(_reader, Elements));
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its elements, those of the meta information among them; the per-frame functional groups are left out.</summary>
    public DicomDataSet Elements { get; }

    /// <summary>Each frame's place, where the file states it for all.</summary>
    public List<DicomPlacement> Placements { get; } = [];

    /// <summary>The first frame's functional groups, or null.</summary>
    public DicomDataSet? FirstGroup { get; private set; }

    /// <summary>The frames; found when first asked for.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public DicomFilePixels Frames => _frames.Value;

    /// <summary>Reads a file's elements.</summary>
    /// <exception cref="InvalidDataException">The structure is damaged.</exception>
    /// <exception cref="NotSupportedException">It is encoded in a way that isn't known.</exception>
    public static DicomFile Open(string path)
    {
        var handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            return new DicomFile(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
