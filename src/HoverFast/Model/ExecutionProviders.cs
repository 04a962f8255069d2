using Microsoft.ML.OnnxRuntime;

namespace HoverFast.Model;

/// <summary>
/// Which devices this build of ONNX Runtime can use. The package that the program was built with decides
/// (<c>-p:HoverFastOnnxRuntime=NAME</c>, docs/devices.md); the usual one has the processor alone.
/// </summary>
public static class ExecutionProviders
{
    private static readonly (ComputeDevice Device, string Name, string Provider, string Package)[] _known =
    [
        (ComputeDevice.Cpu, "cpu", "CPUExecutionProvider", "Microsoft.ML.OnnxRuntime"),
        (ComputeDevice.Cuda, "cuda", "CUDAExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu"),
        (ComputeDevice.DirectMl, "directml", "DmlExecutionProvider", "Microsoft.ML.OnnxRuntime.DirectML"),
        (ComputeDevice.OpenVino, "openvino", "OpenVINOExecutionProvider", "Intel.ML.OnnxRuntime.OpenVino"),
        (ComputeDevice.CoreMl, "coreml", "CoreMLExecutionProvider", "Microsoft.ML.OnnxRuntime, on macOS"),
    ];

    /// <summary>The names of all devices, as the command line takes them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _known.Select(k => k.Name)];

    /// <summary>The devices that this build has a provider for; the machine may lack the hardware or its driver all the same.</summary>
    public static IReadOnlyList<ComputeDevice> InThisBuild
    {
        get
        {
            var providers = OrtEnv.Instance().GetAvailableProviders();
            return [.. _known.Where(k => providers.Contains(k.Provider, StringComparer.Ordinal)).Select(k => k.Device)];
        }
    }

    /// <summary>The device of a name of <see cref="Names"/>.</summary>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public static ComputeDevice Parse(string name)
    {
        var index = Array.FindIndex(_known, k => string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase));
        return index >= 0
            ? _known[index].Device
            : throw new ArgumentException($"There is no device '{name}'; there are {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>The name of a device.</summary>
    public static string NameOf(ComputeDevice device) => Known(device).Name;

    /// <summary>Makes a session run on a device; operators that its provider lacks stay on the processor.</summary>
    /// <param name="options">The session's options.</param>
    /// <param name="device">The device.</param>
    /// <param name="model">The model's path, for messages.</param>
    /// <exception cref="ModelException">This build has no provider for the device, or the provider can't be started.</exception>
    internal static void Append(SessionOptions options, ComputeDevice device, string model)
    {
        if (device == ComputeDevice.Cpu)
        {
            return;
        }

        var (_, name, _, package) = Known(device);
        var present = InThisBuild;
        if (!present.Contains(device))
        {
            throw new ModelException(
                model,
                $"can't run on '{name}': this build has providers for {string.Join(", ", present.Select(NameOf))} only. Build it with -p:HoverFastOnnxRuntime={package} (docs/devices.md), or use the processor.");
        }

        try
        {
            switch (device)
            {
                case ComputeDevice.Cuda:
                    options.AppendExecutionProvider_CUDA();
                    break;
                case ComputeDevice.DirectMl:
                    // DirectML keeps no memory pattern.
                    options.EnableMemoryPattern = false;
                    options.AppendExecutionProvider_DML();
                    break;
                case ComputeDevice.OpenVino:
                    options.AppendExecutionProvider_OpenVINO();
                    break;
                default:
                    options.AppendExecutionProvider_CoreML();
                    break;
            }
        }
        catch (Exception e) when (e is OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw new ModelException(
                model,
                $"can't run on '{name}': its provider doesn't start ({e.Message}). See that the driver and the libraries named in docs/devices.md are installed, or use the processor.",
                e);
        }
    }

    private static (ComputeDevice Device, string Name, string Provider, string Package) Known(ComputeDevice device) => _known.First(k => k.Device == device);
}
