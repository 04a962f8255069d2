using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using HoverFast.Model;
using HoverFast.Pipeline;
using Microsoft.ML.OnnxRuntime;

namespace HoverFast.Jobs;

/// <summary>Something that was found on this machine, and what to do where it lacks something.</summary>
/// <param name="What">Its subject.</param>
/// <param name="Found">What was found.</param>
/// <param name="Advice">What to do, or null where nothing is amiss.</param>
/// <param name="Serious">Whether the program can't work like this.</param>
public sealed record MachineFinding(string What, string Found, string? Advice = null, bool Serious = false)
{
    private const long LittleMemory = 2L << 30;
    private const long LittleDisk = 5L << 30;

    /// <summary>Looks at cores, instruction sets, engine, libraries, memory, disk and models.</summary>
    public static IEnumerable<MachineFinding> All()
    {
        yield return new(
            "program",
            $"hoverfast {typeof(NucleusModel).Assembly.GetName().Version?.ToString(3)}, .NET {Environment.Version}, {RuntimeInformation.OSDescription} ({RuntimeInformation.ProcessArchitecture})");
        yield return Cores();
        yield return InstructionSets();
        yield return Engine();
        yield return new("network", "no network, no telemetry: nothing leaves this machine");
        yield return Memory();
        yield return Disk();
        yield return Library(
            "libjpeg-turbo",
            ["libturbojpeg.so.0", "libturbojpeg", "turbojpeg"],
            "JPEG tiles decode slower without it; Debian: apt install libturbojpeg0");
        yield return Library(
            "OpenJPEG",
            ["libopenjp2.so.7", "libopenjp2", "openjp2"],
            "JPEG 2000 tiles decode slower without it; Debian: apt install libopenjp2-7");
        yield return Library(
            "OpenSlide",
            ["libopenslide.so.1", "libopenslide.so.0", "libopenslide", "openslide"],
            "only needed for NDPI, MRXS, SCN, BIF and VMS; Debian: apt install libopenslide0");
        yield return Gpu();
        yield return Tuned();
        foreach (var finding in Models())
        {
            yield return finding;
        }
    }

    private static MachineFinding Cores()
    {
        var slurm = Environment.GetEnvironmentVariable("SLURM_CPUS_PER_TASK");
        var text =
            $"{ThreadCount.Available} to use ({Environment.ProcessorCount} by affinity and container limit{(slurm is null ? "" : $", {slurm} by Slurm")})";
        return new("cores", text, ThreadCount.Available == 1 ? "one core only: give the container or job more for more speed" : null);
    }

    private static MachineFinding InstructionSets()
    {
        var sets = new (string Name, bool Has)[]
        {
            ("SSE4.2", Sse42.IsSupported), ("AVX2", Avx2.IsSupported), ("AVX-512", Avx512BW.IsSupported), ("AVX-VNNI", AvxVnni.IsSupported),
            ("NEON", System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported), ("dot product", System.Runtime.Intrinsics.Arm.Dp.IsSupported),
        }.Where(s => s.Has).Select(s => s.Name).ToList();
        var x86 = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
        return new(
            "instruction sets",
            sets.Count == 0 ? "none beyond the basic ones" : string.Join(", ", sets),
            x86 && !Avx2.IsSupported ? "AVX2 is missing: expect a quarter of the speed" : null);
    }

    private static MachineFinding Engine()
    {
        try
        {
            return new(
                "engine",
                $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}, --device {string.Join(", ", ExecutionProviders.InThisBuild.Select(ExecutionProviders.NameOf))}");
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or OnnxRuntimeException)
        {
            return new(
                "engine",
                $"ONNX Runtime can't be loaded: {e.Message}",
                "install the program for this system again; on Linux it needs glibc 2.27 and libstdc++",
                true);
        }
    }

    private static MachineFinding Memory()
    {
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new("memory", Gigabytes(bytes) + " (container limits counted)", bytes < LittleMemory ? "less than 2 GB: use --threads 1" : null);
    }

    private static MachineFinding Disk()
    {
        var folder = Directory.GetCurrentDirectory();
        try
        {
            var drive = new DriveInfo(folder);
            return new(
                "disk",
                $"{Gigabytes(drive.AvailableFreeSpace)} free for results in {folder}",
                drive.AvailableFreeSpace < LittleDisk ? "a large slide's results take up to 1 GB" : null);
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return new("disk", $"unknown ({e.Message})");
        }
    }

    private static MachineFinding Library(string what, string[] names, string advice)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                NativeLibrary.Free(handle);
                return new(what, $"found ({name})");
            }
        }

        return new(what, "not found", advice);
    }

    private static MachineFinding Tuned() => Tuning.TryRead(Tuning.DefaultPath, Tuning.ThisMachine) is { } tuning
        ? new("tuning", $"{tuning}: {tuning.SquareMillimetresPerSecond:0.00} mm2/s")
        : new("tuning", "none for this machine and program", "'hoverfast tune' finds the best threads and tile size in under a minute");

    private static MachineFinding Gpu()
    {
        const string Nvidia = "/proc/driver/nvidia/gpus";
        var cards = Directory.Exists(Nvidia) ? Directory.GetDirectories(Nvidia).Length : 0;
        return new(
            "GPU",
            cards > 0 ? $"{cards} NVIDIA" : "none found",
            cards > 0 && !ExecutionProviders.InThisBuild.Contains(ComputeDevice.Cuda)
                ? "not used: this build has no provider for CUDA; docs/devices.md says how to build one"
                : null);
    }

    private static IEnumerable<MachineFinding> Models()
    {
        if (NucleusModel.BuiltIn.Count == 0)
        {
            yield return new("models", "none built in", "give one with --model FILE.onnx", true);
        }

        foreach (var name in NucleusModel.BuiltIn)
        {
            yield return Model(name);
        }
    }

    private static MachineFinding Model(string name)
    {
        try
        {
            using var model = NucleusModel.LoadBuiltIn(name);
            return new(
                "model",
                $"{name}, {model.Card.Mpp.ToString(CultureInfo.InvariantCulture)} um/px, {model.Card.Precision}, run by {model.Engine}, SHA-256 {model.Card.Sha256}");
        }
        catch (ModelException e)
        {
            return new("model", e.Message, "install the program again", true);
        }
    }

    private static string Gigabytes(long bytes) => $"{bytes / 1073741824.0:0.0} GiB";
}
