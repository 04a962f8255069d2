using HoverFast.Files;
using HoverFast.Output.Gzip;

namespace HoverFast.Output;

/// <summary>UTF-8 text in a <see cref="PartialFile"/>, compressed with gzip where the name ends in <c>.gz</c>.</summary>
internal sealed class PartialTextFile : IDisposable
{
    private readonly PartialFile _file;
    private readonly GzipTextStream? _gzip;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Where to.</param>
    public PartialTextFile(string path)
    {
        _file = new PartialFile(path);
        _gzip = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GzipTextStream(_file.Stream) : null;
        Text = new Utf8Text((Stream?)_gzip ?? _file.Stream);
    }

    /// <summary>The file's name once it is whole.</summary>
    public string Path => _file.Path;

    /// <summary>Takes the text.</summary>
    public Utf8Text Text { get; }

    /// <summary>Brings all to the disk and gives the file its name.</summary>
    public void Complete()
    {
        Text.Flush();
        _gzip?.Dispose();
        _file.Complete();
    }

    /// <summary>Closes the file, and deletes it unless it is whole.</summary>
    public void Dispose()
    {
        try
        {
            _gzip?.Dispose();
        }
        catch (Exception e) when (PartialFile.IsDiskError(e))
        {
            // The disk is full: an unfinished file is deleted below.
        }

        _file.Dispose();
        Text.Dispose();
    }
}
