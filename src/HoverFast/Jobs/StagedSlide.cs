using System.Text.Json;
using HoverFast.Files;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Slides.DicomWeb;

namespace HoverFast.Jobs;

/// <summary>
/// A slide that is read from a copy on a near disk, which this user alone can read; the copy is deleted when this is disposed, or, where its run was killed,
/// by the next one on the machine. Without a place for the copy, the slide itself.
/// </summary>
internal sealed class StagedSlide : IDisposable
{
    private const string Prefix = "hoverfast-stage-";
    private const string OwnerFile = "owner.json";
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

        var copy = Path.Combine(folder, $"{Prefix}{Guid.NewGuid():N}");
        try
        {
            Make(copy);
            DeleteLeft(folder, copy);
            var slide = Path.Combine(copy, "slide");
            foreach (var file in files)
            {
                Copy(file, Path.Combine(slide, Path.GetRelativePath(root, file)), cancellation);
            }

            return new StagedSlide(session.ReadFrom(Path.Combine(slide, Path.GetFileName(files[0]))), copy);
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

    private static void Make(string copy)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(copy);
        }
        else
        {
            // Others on the machine may not see every slide.
            Directory.CreateDirectory(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        File.WriteAllBytes(Path.Combine(copy, OwnerFile), JsonSerializer.SerializeToUtf8Bytes(LockOwner.This(), LockOwner.Json));
    }

    /// <summary>Deletes this user's copies whose runs are gone: they were killed.</summary>
    private static void DeleteLeft(string folder, string copy)
    {
        foreach (var left in Directory.EnumerateDirectories(folder, Prefix + "*"))
        {
            if (FileStatus.OwnerOf(left) == FileStatus.OwnerOf(copy)
                && LockOwner.TryRead(Path.Combine(left, OwnerFile)) is { IsOnThisMachine: true, Lives: false })
            {
                Delete(left);
            }
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
