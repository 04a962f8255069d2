using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace HoverFast.Training.Torch;

/// <summary>
/// Makes libtorch load and run well on this system, before anything of TorchSharp is touched:
/// <list type="bullet">
/// <item>the packaged native wrapper asks for the symbol version GLIBCXX_3.4.32, which older systems (Debian 12) lack although nothing in
/// it uses a symbol of that version; there, the need is marked weak (VER_FLG_WEAK of the ELF specification) in the copy beside this program;</item>
/// <item>OpenMP's threads are told to sleep while they wait, which halves the time on two busy cores;</item>
/// <item>glibc is told to keep large blocks, since giving them back to the kernel at each step makes training several times slower.</item>
/// </list>
/// </summary>
public static class LibTorch
{
    private const string MissingOnOldSystems = "GLIBCXX_3.4.32";

    /// <summary>Where Linux tells the size of the second cache.</summary>
    private const string CacheSize = "/sys/devices/system/cpu/cpu0/cache/index2/size";
    private static readonly Lock _gate = new();
    private static bool _ready;

    /// <summary>Prepares the process; call it once, first of all. Later calls do nothing.</summary>
    /// <param name="threads">Threads that one operation may use, at least 1.</param>
    /// <exception cref="TrainingException">libtorch can't be loaded; the message says why.</exception>
    public static void Prepare(int threads)
    {
        lock (_gate)
        {
            if (!_ready)
            {
                if (OperatingSystem.IsLinux())
                {
                    WaitWithoutSpinning();
                    Quieten();
                    KeepLargeBlocks();
                    MendVersionNeed();
                }

                _ready = true;
            }
        }

        try
        {
            TorchSharp.torch.set_num_threads(threads);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException or EntryPointNotFoundException)
        {
            throw new TrainingException(
                $"libtorch can't be loaded on this system ({FirstLine(e.InnerException ?? e)}) Training runs on 64-bit Linux with glibc 2.28 or later; segmenting needs no libtorch.",
                e);
        }
    }

    /// <summary>
    /// Whether this machine tells the sizes of its processor's caches. Some virtual machines hide them; libtorch divides by them in networks with grouped
    /// convolutions, which ends the whole process.
    /// </summary>
    internal static bool KnowsCaches { get; } = !OperatingSystem.IsLinux() || File.Exists(CacheSize);

    /// <summary>What libtorch says went wrong, without the addresses of its own code that follow; ends with a full stop.</summary>
    internal static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim().TrimEnd('.') + ".";

    private static void KeepLargeBlocks()
    {
        const int trimThreshold = -1;
        const int mmapMax = -4;
        try
        {
            _ = mallopt(mmapMax, 0);
            _ = mallopt(trimThreshold, -1);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no mallopt; training is then as fast as its allocator.
        }
    }

    // OpenMP's threads spin while they wait for each other: on few cores they take them from the threads that they wait for.
    private static void WaitWithoutSpinning() => _ = setenv("OMP_WAIT_POLICY", "passive", 0);

    // With one thread libtorch asks for NNPACK at each convolution and complains each time that the processor has none.
    private static void Quieten() => _ = setenv("TORCH_CPP_LOG_LEVEL", "ERROR", 0);

    private static void MendVersionNeed()
    {
        if (SystemHasTheVersion())
        {
            return;
        }

        foreach (var folder in new[] { AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native") })
        {
            var library = Path.Combine(folder, "libLibTorchSharp.so");
            if (File.Exists(library))
            {
                var bytes = File.ReadAllBytes(library);
                if (MarkWeak(bytes, MissingOnOldSystems))
                {
                    var whole = library + $".{Environment.ProcessId}.partial";
                    File.WriteAllBytes(whole, bytes);
                    File.Move(whole, library, overwrite: true);
                }
            }
        }
    }

    // The runtime itself is C++, so the system's libstdc++ is already mapped into this process.
    private static bool SystemHasTheVersion()
    {
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var start = line.IndexOf('/', StringComparison.Ordinal);
            if (start >= 0 && line.Contains("libstdc++.so", StringComparison.Ordinal))
            {
                return File.ReadAllBytes(line[start..]).AsSpan().IndexOf(Encoding.ASCII.GetBytes(MissingOnOldSystems + "\0")) >= 0;
            }
        }

        return false;
    }

    /// <summary>Marks the need of a symbol version as weak in a 64-bit little-endian ELF file. Answers whether anything was changed.</summary>
    internal static bool MarkWeak(Span<byte> elf, string version)
    {
        const int sectionTypeVersionNeed = 0x6ffffffe;
        const ushort weak = 2;
        if (elf.Length < 64 || BinaryPrimitives.ReadUInt32BigEndian(elf) != 0x7f454c46 || elf[4] != 2 || elf[5] != 1)
        {
            return false;
        }

        var sections = (int)BinaryPrimitives.ReadInt64LittleEndian(elf[0x28..]);
        var sectionSize = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3a..]);
        var sectionCount = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3c..]);
        for (var s = 0; s < sectionCount; s++)
        {
            var header = elf[(sections + (s * sectionSize))..];
            if (BinaryPrimitives.ReadInt32LittleEndian(header[4..]) != sectionTypeVersionNeed)
            {
                continue;
            }

            var need = (int)BinaryPrimitives.ReadInt64LittleEndian(header[0x18..]);
            var strings = elf[(sections + (BinaryPrimitives.ReadInt32LittleEndian(header[0x28..]) * sectionSize))..];
            var stringsAt = (int)BinaryPrimitives.ReadInt64LittleEndian(strings[0x18..]);
            while (true)
            {
                var entry = need + BinaryPrimitives.ReadInt32LittleEndian(elf[(need + 8)..]);
                for (var left = BinaryPrimitives.ReadUInt16LittleEndian(elf[(need + 2)..]); left > 0; left--)
                {
                    var name = elf[(stringsAt + BinaryPrimitives.ReadInt32LittleEndian(elf[(entry + 8)..]))..];
                    var flags = BinaryPrimitives.ReadUInt16LittleEndian(elf[(entry + 4)..]);
                    if (name[..name.IndexOf((byte)0)].SequenceEqual(Encoding.ASCII.GetBytes(version)) && (flags & weak) == 0)
                    {
                        BinaryPrimitives.WriteUInt16LittleEndian(elf[(entry + 4)..], (ushort)(flags | weak));
                        return true;
                    }

                    entry += BinaryPrimitives.ReadInt32LittleEndian(elf[(entry + 12)..]);
                }

                var next = BinaryPrimitives.ReadInt32LittleEndian(elf[(need + 12)..]);
                if (next == 0)
                {
                    break;
                }

                need += next;
            }
        }

        return false;
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int mallopt(int parameter, int value);

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setenv(string name, string value, int overwrite);
}
