using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace HoverFast.Files;

/// <summary>
/// Opens files that others named or wrote: slides, tables, masks, regions, models, journals, manifests. What is no regular file (a pipe, a
/// socket, a device, a folder) is refused before it is opened, since it could hang or never end.
/// </summary>
internal static class RegularFile
{
    /// <summary>Bytes that a file of settings or words may have: cards, tables, manifests.</summary>
    public const long MostText = 64L << 20;

    /// <summary>Opens a file to read parts of it.</summary>
    /// <exception cref="IOException">There is none, or it is no regular file; the message says which, without the name.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle OpenHandle(string path, FileOptions options = FileOptions.None)
    {
        Require(path);
        return Checked(File.OpenHandle(path, options: options));
    }

    /// <summary>Opens a file to read it from the start.</summary>
    /// <inheritdoc cref="OpenHandle"/>
    public static FileStream OpenRead(string path) => new(OpenHandle(path, FileOptions.SequentialScan), FileAccess.Read, 1 << 16);

    /// <summary>SHA-256 of a file of any length, lower-case hexadecimal.</summary>
    /// <inheritdoc cref="OpenHandle"/>
    public static string HashOf(string path)
    {
        using var stream = OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes that make sense for a file of its kind.</param>
    /// <exception cref="IOException">There is none, it is no regular file, or it has more bytes.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] ReadAllBytes(string path, long most = MostText)
    {
        using var handle = OpenHandle(path);
        var length = RandomAccess.GetLength(handle);
        if (length > most)
        {
            throw new IOException($"it has {length >> 20} MiB; {most >> 20} MiB are the most for such a file");
        }

        var bytes = new byte[length];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(read), read) is var count and > 0)
        {
            read += count;
        }

        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Reads a text of UTF-8, with or without a byte order mark.</summary>
    /// <inheritdoc cref="ReadAllBytes"/>
    public static string ReadAllText(string path, long most = MostText)
    {
        using var text = new StreamReader(new MemoryStream(ReadAllBytes(path, most), writable: false));
        return text.ReadToEnd();
    }

    /// <summary>Bytes of a file as it is read: of what a symbolic link leads to, and not of the link.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static long LengthOf(string path) => FileStatus.ChangeOf(path)?.Length ?? throw new FileNotFoundException($"{path}: there is no such file.", path);

    /// <summary>Whether a regular file is there.</summary>
    public static bool Exists(string path) => FileStatus.KindOf(path) == FileKind.Regular;

    /// <summary>Refuses what is there and is no regular file; nothing at all passes, and is told by opening it.</summary>
    /// <exception cref="IOException">It is no regular file.</exception>
    public static void Require(string path)
    {
        if (Describe(FileStatus.KindOf(path)) is { } problem)
        {
            throw new IOException(problem);
        }
    }

    /// <summary>Says what stands in a file's place; null for a regular file and for nothing.</summary>
    internal static string? Describe(FileKind kind) => kind switch
    {
        FileKind.Folder => "it is a folder, not a file",
        FileKind.Pipe => "it is a pipe (FIFO), not a file; write to a file first and name that",
        FileKind.Socket => "it is a socket, not a file",
        FileKind.Device => "it is a device, not a file",
        FileKind.Link => "it is a symbolic link",
        _ => null,
    };

    private static SafeFileHandle Checked(SafeFileHandle handle)
    {
        if (Describe(FileStatus.KindOf(handle)) is { } problem)
        {
            handle.Dispose();
            throw new IOException(problem);
        }

        return handle;
    }
}
