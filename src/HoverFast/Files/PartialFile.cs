using System.Text;
using Microsoft.Win32.SafeHandles;

namespace HoverFast.Files;

/// <summary>
/// A file that has its name only once it is whole: until then it is called <c>NAME.partial</c>. It is always a new one: what stood in its place (a
/// link to another file, say) is taken away and never written through.
/// </summary>
public sealed class PartialFile : IDisposable
{
    private const string Ending = ".partial";
    private readonly string _partial;
    private readonly SafeFileHandle _handle;
    private bool _complete;

    /// <summary>Starts the file (folders are made), replacing what an interrupted run left.</summary>
    /// <param name="path">The name that it will have.</param>
    /// <exception cref="IOException">A folder has its name, or the disk is full.</exception>
    public PartialFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        _partial = path + Ending;
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        RequireNoFolder(path);
        Stream = CreateNew(_partial);

        // Asked for now: later that would flush, which a full disk doesn't take.
        _handle = Stream.SafeFileHandle;
    }

    /// <summary>The file's name once it is whole.</summary>
    public string Path { get; }

    /// <summary>Takes the bytes.</summary>
    public FileStream Stream { get; }

    /// <summary>
    /// Whether a write failed because of the disk: it is full, or the file grew beyond what the file system holds, for which .NET has a word of its own.
    /// </summary>
    public static bool IsDiskError(Exception error) => error is IOException or ArgumentOutOfRangeException;

    /// <summary>Refuses a name that a folder has: better now than when the work is done.</summary>
    /// <exception cref="IOException">A folder has the name.</exception>
    public static void RequireNoFolder(string path)
    {
        if (FileStatus.KindOf(path, follow: false) == FileKind.Folder)
        {
            throw new IOException($"{path} is a folder; move it away, or choose another place for the results.");
        }
    }

    /// <summary>What an unfinished file of this name is called.</summary>
    public static string UnfinishedOf(string path) => path + Ending;

    /// <summary>Refuses the name of a file that can't be made because a folder has it, or has its name while it is unfinished.</summary>
    /// <exception cref="IOException">A folder has one of the names.</exception>
    public static void RequireFree(string path)
    {
        RequireNoFolder(path);
        RequireNoFolder(path + Ending);
    }

    /// <summary>Makes a file that was not there; what stood in its place is taken away first, a link and not what it leads to.</summary>
    /// <exception cref="IOException">A folder has its name, or somebody else makes it at the same moment.</exception>
    public static FileStream CreateNew(string path)
    {
        RequireNoFolder(path);
        File.Delete(path);
        return new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
    }

    /// <summary>Writes a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Gives its bytes.</param>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new PartialFile(path);
        write(file.Stream);
        file.Complete();
    }

    /// <summary>Writes a whole text. A pipe or a device (<c>/dev/stdout</c>) takes it as it comes: it must keep its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">What it shall hold, in UTF-8.</param>
    public static void WriteText(string path, string text)
    {
        // Where standard output is a file, /dev/stdout leads to that file, and must not be replaced.
        if (FileStatus.KindOf(path) is FileKind.Pipe or FileKind.Device or FileKind.Socket || path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            File.WriteAllText(path, text);
        }
        else
        {
            Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)));
        }
    }

    /// <summary>Brings all to the disk and gives the file its name.</summary>
    public void Complete()
    {
        Stream.Flush(flushToDisk: true);
        if (!FileStatus.IsAt(_handle, _partial))
        {
            throw new IOException($"{_partial} was taken away by another run; nothing is written in its place.");
        }

        Stream.Dispose();
        File.Move(_partial, Path, overwrite: true);
        _complete = true;
    }

    /// <summary>Closes the file, and deletes it unless it is whole; what another run made in its place stays.</summary>
    public void Dispose()
    {
        if (!_complete)
        {
            // Closed, it can't be held against what is there: it was a moment ago, and then could not be given its name.
            var isThere = _handle.IsClosed || FileStatus.IsAt(_handle, _partial);
            try
            {
                Stream.Dispose();
            }
            catch (Exception e) when (PartialFile.IsDiskError(e))
            {
                // The disk is full: what could not be flushed is going to be deleted anyway.
            }

            if (isThere)
            {
                File.Delete(_partial);
            }
        }
    }
}
