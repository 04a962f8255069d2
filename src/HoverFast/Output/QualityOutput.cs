using HoverFast.Files;
using HoverFast.Quality;

namespace HoverFast.Output;

/// <summary>An output that tells of the slide's quality and needs no nuclei: it is written when all tiles are known.</summary>
/// <param name="path">Where to.</param>
/// <param name="report">Gives the quality once all tiles are known.</param>
/// <param name="write">Writes it.</param>
internal sealed class QualityOutput(string path, Func<QualityReport> report, Action<Stream, QualityReport> write) : INucleusOutput
{
    /// <inheritdoc/>
    public string Path => path;

    /// <summary>Does nothing: fields count their nuclei themselves.</summary>
    public void Add(in SegmentedNucleus nucleus)
    {
    }

    /// <inheritdoc/>
    public void Complete()
    {
        using var file = new PartialFile(path);
        write(file.Stream, report());
        file.Complete();
    }

    /// <summary>Does nothing: no file is open.</summary>
    public void Dispose()
    {
    }
}
