using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HoverFast.Files;

/// <summary>Tells what stands at a path without opening it, since opening a pipe or a device can hang.</summary>
internal static partial class FileStatus
{
    // statx(2) and its structure are alike on every architecture of Linux, unlike stat(2).
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint Wanted = 0x0001 | 0x0004 | 0x0008 | 0x0040 | 0x0100 | 0x0200;
    private const int LinksOffset = 16;
    private const int UserOffset = 20;
    private const int ModeOffset = 28;
    private const int NumberOffset = 32;
    private const int LengthOffset = 40;
    private const int ChangedOffset = 112;
    private const int DeviceOffset = 136;
    private const int StatusSize = 256;
    private const int TypeMask = 0xF000;

    /// <summary>What a path leads to.</summary>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether symbolic links are followed; else a link is <see cref="FileKind.Link"/>.</param>
    public static FileKind KindOf(string path, bool follow = true)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        if (OperatingSystem.IsLinux())
        {
            return Ask(CurrentFolder, path, follow ? 0 : NoFollow, status) ? Kind(status) : FileKind.Missing;
        }

        if (!follow && new FileInfo(path).LinkTarget is not null)
        {
            return FileKind.Link;
        }

        return Directory.Exists(path) ? FileKind.Folder : File.Exists(path) ? FileKind.Regular : FileKind.Missing;
    }

    /// <summary>Length and time (UTC) of the latest change of the file that a path leads to; null where it leads to none.</summary>
    /// <remarks>A <see cref="FileInfo"/> tells those of a symbolic link itself, and not of what is read through it.</remarks>
    public static (long Length, DateTime Changed)? ChangeOf(string path)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        if (OperatingSystem.IsLinux())
        {
            return Ask(CurrentFolder, path, 0, status) && Kind(status) != FileKind.Folder
                ? (MemoryMarshal.Read<long>(status[LengthOffset..]), Time(status[ChangedOffset..]))
                : null;
        }

        var file = new FileInfo(path);
        file = file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : null;

        // Seconds and the nanoseconds after them.
        static DateTime Time(ReadOnlySpan<byte> of) =>
            DateTime.UnixEpoch.AddTicks(
                (MemoryMarshal.Read<long>(of) * TimeSpan.TicksPerSecond) + (MemoryMarshal.Read<uint>(of[sizeof(long)..]) / TimeSpan.NanosecondsPerTick));
    }

    /// <summary>What an open handle belongs to: the path may lead elsewhere by now.</summary>
    public static FileKind KindOf(SafeFileHandle handle)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        return Ask(handle, status) ? Kind(status) : FileKind.Regular;
    }

    /// <summary>Whether the file of an open handle has a second name (a hard link): writing to it would change that one too.</summary>
    public static bool HasOtherNames(SafeFileHandle handle)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        return Ask(handle, status) && BinaryPrimitives.ReadUInt32LittleEndian(status[LinksOffset..]) > 1;
    }

    /// <summary>Number of the user who owns what stands at a path, a link itself; null where nothing does, or the system tells none.</summary>
    public static uint? OwnerOf(string path)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        return OperatingSystem.IsLinux() && Ask(CurrentFolder, path, NoFollow, status) ? MemoryMarshal.Read<uint>(status[UserOffset..]) : null;
    }

    /// <summary>Whether the file of an open handle still stands at a path.</summary>
    public static bool IsAt(SafeFileHandle handle, string path)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        Span<byte> there = stackalloc byte[StatusSize];
        return !OperatingSystem.IsLinux()
            || !Ask(handle, status)
            || (
                Ask(CurrentFolder, path, NoFollow, there)
                && Identity(status).SequenceEqual(Identity(there))
                && status[DeviceOffset..(DeviceOffset + 8)].SequenceEqual(there[DeviceOffset..(DeviceOffset + 8)]));

        static ReadOnlySpan<byte> Identity(Span<byte> of) => of.Slice(NumberOffset, sizeof(ulong));
    }

    private static bool Ask(SafeFileHandle handle, Span<byte> status)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            return Ask((int)handle.DangerousGetHandle(), "", EmptyPath, status);
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    private static unsafe bool Ask(int folder, string path, int flags, Span<byte> status)
    {
        fixed (byte* buffer = status)
        {
            return Statx(folder, path, flags, Wanted, buffer) == 0;
        }
    }

    private static FileKind Kind(ReadOnlySpan<byte> status) => (MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Folder,
        0xA000 => FileKind.Link,
        0x1000 => FileKind.Pipe,
        0xC000 => FileKind.Socket,
        _ => FileKind.Device,
    };

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* status);
}
