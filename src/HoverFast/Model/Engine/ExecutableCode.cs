using System.Runtime.InteropServices;

namespace HoverFast.Model.Engine;

/// <summary>
/// Memory that holds machine code, on Linux and Windows. It is written before it may run and never both at once; it stays until the program
/// ends.
/// </summary>
internal static unsafe partial class ExecutableCode
{
    private const int Read = 1;
    private const int Write = 2;
    private const int Execute = 4;
    private const int PrivateAnonymous = 0x22;
    private const uint ReserveAndCommit = 0x3000;
    private const uint Release = 0x8000;
    private const uint ReadWrite = 4;
    private const uint ExecuteRead = 0x20;

    /// <summary>Places code in memory.</summary>
    /// <returns>Its address, or 0 where the system refuses.</returns>
    public static nint TryPlace(ReadOnlySpan<byte> code) => OperatingSystem.IsWindows() ? TryPlaceOnWindows(code) : TryPlaceOnLinux(code);

    private static nint TryPlaceOnLinux(ReadOnlySpan<byte> code)
    {
        var length = (nuint)code.Length;
        var memory = Map(0, length, Read | Write, PrivateAnonymous, -1, 0);
        if (memory == -1)
        {
            return 0;
        }

        code.CopyTo(new Span<byte>((void*)memory, code.Length));
        if (Protect(memory, length, Read | Execute) == 0)
        {
            return memory;
        }

        _ = Unmap(memory, length);
        return 0;
    }

    private static nint TryPlaceOnWindows(ReadOnlySpan<byte> code)
    {
        var length = (nuint)code.Length;
        var memory = VirtualAlloc(0, length, ReserveAndCommit, ReadWrite);
        if (memory == 0)
        {
            return 0;
        }

        code.CopyTo(new Span<byte>((void*)memory, code.Length));
        if (VirtualProtect(memory, length, ExecuteRead, out _) != 0)
        {
            return memory;
        }

        _ = VirtualFree(memory, 0, Release);
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("kernel32")]
    private static partial nint VirtualAlloc(nint address, nuint length, uint kind, uint protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualProtect(nint address, nuint length, uint protection, out uint before);

    [LibraryImport("kernel32")]
    private static partial int VirtualFree(nint address, nuint length, uint kind);
}
