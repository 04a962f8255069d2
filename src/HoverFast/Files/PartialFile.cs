using System.Text;

namespace HoverFast.Files;

/// <summary>A file that has its name only once it is whole: until then it is called <c>NAME.partial</c>.</summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _partial;
    private bool _complete;

    /// <summary>Starts the file (folders are made), replacing what an interrupted run left.</summary>
    public PartialFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        _partial = path + ".partial";
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        Stream = new FileStream(_partial, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
    }

    /// <summary>The file's name once it is whole.</summary>
    public string Path { get; }

    /// <summary>Takes the bytes.</summary>
    public FileStream Stream { get; }

    /// <summary>Whether a write failed because of the disk: it is full, or the file grew beyond what the file system holds, for which .NET has a word of its own.</summary>
    public static bool IsDiskError(Exception error) => error is IOException or ArgumentOutOfRangeException;

    /// <summary>Writes a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Gives its bytes.</param>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new PartialFile(path);
        write(file.Stream);
        file.Complete();
    }

    /// <summary>Writes a whole text. A link, a pipe or a device (<c>/dev/stdout</c>) takes it as it comes: it must keep its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">What it shall hold, in UTF-8.</param>
    public static void WriteText(string path, string text)
    {
        if (MayBeReplaced(new FileInfo(path)))
        {
            Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)));
        }
        else
        {
            File.WriteAllText(path, text);
        }
    }

    // Pipes and devices have no length; an empty file loses nothing by being written straight.
    private static bool MayBeReplaced(FileInfo there) => !there.Exists || (there.LinkTarget is null && there.Length > 0);

    /// <summary>Brings all to the disk and gives the file its name.</summary>
    public void Complete()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_partial, Path, overwrite: true);
        _complete = true;
    }

    /// <summary>Closes the file, and deletes it unless it is whole.</summary>
    public void Dispose()
    {
        if (!_complete)
        {
            try
            {
                Stream.Dispose();
            }
            catch (Exception e) when (PartialFile.IsDiskError(e))
            {
                // The disk is full: what could not be flushed is going to be deleted anyway.
            }

            File.Delete(_partial);
        }
    }
}
