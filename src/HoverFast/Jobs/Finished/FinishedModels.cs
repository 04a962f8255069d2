using HoverFast.Model;

namespace HoverFast.Jobs.Finished;

/// <summary>Loads the models that finished results were made with, each once.</summary>
/// <param name="given">Name or path of the model that is to be taken; null for the built-in one that a result names.</param>
internal sealed class FinishedModels(string? given) : IDisposable
{
    private readonly Dictionary<(string Name, bool OnnxRuntime, ComputeDevice Device), NucleusModel> _loaded = [];

    /// <summary>The model of a result, run as it was then.</summary>
    /// <exception cref="ModelException">It can't be found or loaded, or is another one than that of the result.</exception>
    public NucleusModel Of(Manifest manifest)
    {
        var wanted = manifest.Model;
        var name = given ?? (NucleusModel.BuiltIn.Contains(wanted.Name)
            ? wanted.Name
            : throw new ModelException(wanted.Name, "made this result and comes not with the program: name its file."));
        var device = ExecutionProviders.Names.Contains(manifest.Effort.Device) ? ExecutionProviders.Parse(manifest.Effort.Device) : ComputeDevice.Cpu;
        var key = (name, wanted.Engine.StartsWith("ONNX Runtime", StringComparison.Ordinal), device);
        if (!_loaded.TryGetValue(key, out var model))
        {
            _loaded[key] = model = Load(key);
        }

        return model.Card.Sha256 == wanted.Sha256
            ? model
            : throw new ModelException(
                name,
                $"is not the model that made this result: its SHA-256 begins with {model.Card.Sha256[..8]}, that of the result's {wanted.Name} {wanted.Version} with {wanted.Sha256[..Math.Min(8, wanted.Sha256.Length)]}.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in _loaded.Values)
        {
            model.Dispose();
        }
    }

    private static NucleusModel Load((string Name, bool OnnxRuntime, ComputeDevice Device) key) =>
        !key.OnnxRuntime || key.Device != ComputeDevice.Cpu || Directory.Exists(key.Name) || ModelCatalog.IsCheckpoint(key.Name)
            || ModelCatalog.FormulaModels.Contains(key.Name) ? ModelCatalog.Load(key.Name, device: key.Device)
        : NucleusModel.BuiltIn.Contains(key.Name) ? NucleusModel.LoadBuiltIn(key.Name, onnxRuntime: true)
        : NucleusModel.Load(key.Name, onnxRuntime: true);
}
