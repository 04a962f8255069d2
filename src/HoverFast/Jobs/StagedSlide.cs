using HoverFast.Files;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Slides.DicomWeb;

namespace HoverFast.Jobs;

/// <summary>
/// A slide that is read from a copy on a near disk; the copy is deleted when this is disposed. Without a place for the copy, the slide itself.
/// </summary>
internal sealed class StagedSlide : IDisposable
{
    private readonly string? _copy;
    private readonly SlideSession? _own;

    private StagedSlide(SlideSession session, string? copy)
    {
        Session = session;
        _own = copy is null ? null : session;
        _copy = copy;
    }

    /// <summary>The slide, open.</summary>
    public SlideSession Session { get; }

    /// <summary>Copies an open slide's files and opens the copy.</summary>
    /// <param name="session">The slide.</param>
    /// <param name="folder">Where copies go; null for no copy.</param>
    /// <param name="cancellation">Stops the copying.</param>
    /// <exception cref="IOException">The copy can't be made; the message names the place.</exception>
    /// <exception cref="SlideException">The slide changed meanwhile.</exception>
    public static StagedSlide Of(SlideSession session, string? folder, CancellationToken cancellation)
    {
        // What a server sends has no files to copy.
        if (folder is null || DicomWebAddress.IsAddress(session.Path))
        {
            return new StagedSlide(session, null);
        }

        var files = Slide.FilesOf(session.Path).Select(Path.GetFullPath).ToList();
        var root = Path.GetDirectoryName(files[0])!;
        if (files.Exists(f => Path.GetRelativePath(root, f).StartsWith("..", StringComparison.Ordinal)))
        {
            // Parts in other places would be missed by the copy.
            return new StagedSlide(session, null);
        }

        var copy = Path.Combine(folder, $"hoverfast-stage-{Guid.NewGuid():N}");
        try
        {
            foreach (var file in files)
            {
                Copy(file, Path.Combine(copy, Path.GetRelativePath(root, file)), cancellation);
            }

            return new StagedSlide(session.ReadFrom(Path.Combine(copy, Path.GetFileName(files[0]))), copy);
        }
        catch (Exception e)
        {
            Delete(copy);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"{session.Path} can't be copied to {folder} ({e.Message}); make room there, name another place by TMPDIR, or leave --stage out.",
                    e);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _own?.Dispose();
        if (_copy is not null)
        {
            Delete(_copy);
        }
    }

    private static void Copy(string from, string to, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        using var source = RegularFile.OpenRead(from);
        using var copy = PartialFile.CreateNew(to);
        var buffer = new byte[1 << 20];
        while (source.Read(buffer) is var read and > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            copy.Write(buffer, 0, read);
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cluster clears its temporary folders itself.
        }
    }
}
