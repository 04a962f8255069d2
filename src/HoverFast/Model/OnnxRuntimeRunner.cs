using HoverFast.Slides;
using Microsoft.ML.OnnxRuntime;

namespace HoverFast.Model;

/// <summary>Runs a network in ONNX Runtime, on the processor or another device.</summary>
internal sealed class OnnxRuntimeRunner : INetworkRunner
{
    private static readonly string[] _inputs = ["image"];
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly string[] _outputs;
    private readonly string _path;

    /// <summary>Loads a network.</summary>
    /// <param name="model">The ONNX file.</param>
    /// <param name="outputs">Names of its outputs: probability, HV maps, and types where it has them.</param>
    /// <param name="path">Its file or name, for messages.</param>
    /// <param name="threads">Threads that one run uses.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="ModelException">ONNX Runtime can't load it, or the device can't be used.</exception>
    public OnnxRuntimeRunner(byte[] model, string[] outputs, string path, int threads, ComputeDevice device)
    {
        (_outputs, _path) = (outputs, path);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        ExecutionProviders.Append(options, device, path);
        try
        {
            _session = new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException(path, $"ONNX Runtime can't load it ({FirstLine(e.Message)}).", e);
        }
    }

    public string Name => $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    public string Key => "onnxruntime";

    public void Run(RgbImage image, NucleusMaps maps)
    {
        var (width, height) = (maps.Width, maps.Height);
        var hv = new sbyte[2 * width * height];
        using var input = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance,
            image.Pixels.AsMemory(0, image.Width * image.Height * 3),
            [1, image.Height, image.Width, 3]);
        using var probabilityValue = OrtValue.CreateTensorValueFromMemory(maps.Probability, [1, 1, height, width]);
        using var hvValue = OrtValue.CreateTensorValueFromMemory(hv, [1, 2, height, width]);
        using var typesValue = maps.Types is null ? null : OrtValue.CreateTensorValueFromMemory(maps.Types, [1, 1, height, width]);
        try
        {
            _session.Run(_options, _inputs, [input], _outputs, typesValue is null ? [probabilityValue, hvValue] : [probabilityValue, hvValue, typesValue]);
        }
        catch (OnnxRuntimeException e)
        {
            throw e.Message.Contains("bad_alloc", StringComparison.Ordinal) || e.Message.Contains("Failed to allocate memory", StringComparison.Ordinal)
                ? new InsufficientMemoryException($"{_path}: ONNX Runtime lacks memory for a tile of {image.Size}.", e)
                : new ModelException(_path, $"can't be run on a tile of {image.Size} ({FirstLine(e.Message)}).", e);
        }

        hv.AsSpan(0, width * height).CopyTo(maps.Horizontal);
        hv.AsSpan(width * height).CopyTo(maps.Vertical);
    }

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim().TrimEnd('.');
}
