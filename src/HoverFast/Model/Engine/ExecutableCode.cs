using System.Runtime.InteropServices;

namespace HoverFast.Model.Engine;

/// <summary>Memory that holds machine code. It is written before it may run and never both at once; it stays until the program ends.</summary>
internal static unsafe partial class ExecutableCode
{
    private const int Read = 1;
    private const int Write = 2;
    private const int Execute = 4;
    private const int PrivateAnonymous = 0x22;

    /// <summary>Places code in memory.</summary>
    /// <returns>Its address, or 0 where the system refuses.</returns>
    public static nint TryPlace(ReadOnlySpan<byte> code)
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

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
