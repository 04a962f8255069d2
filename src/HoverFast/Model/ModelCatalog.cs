using HoverFast.Files;
using HoverFast.Model.Networks;
using HoverFast.Slides;

namespace HoverFast.Model;

/// <summary>Finds models by name or path: built-in ones, ONNX files, and checkpoints of HoverFast and HoVer-Net, which are imported on the way.</summary>
public static class ModelCatalog
{
    private static readonly string[] _checkpoints = [".pth", ".pt", ".tar", ".safetensors"];

    /// <summary>The published networks with made-up weights, on which their speed does not depend: for benchmarks.</summary>
    public static IReadOnlyList<string> FormulaModels => FormulaModel.Names;

    /// <summary>Whether a file is a checkpoint by its ending, to be imported.</summary>
    /// <param name="path">A path, a model's name, or null.</param>
    public static bool IsCheckpoint(string? path) => path is not null && _checkpoints.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>The card of a built-in model, without the work of loading the network.</summary>
    /// <param name="name">One of <see cref="NucleusModel.BuiltIn"/>.</param>
    /// <exception cref="ModelException">There is no such model.</exception>
    public static ModelCard CardOf(string name) => BuiltInModels.Card(name);

    /// <summary>Loads a model.</summary>
    /// <param name="nameOrPath">A built-in model's name, an ONNX file with its card beside it, a folder of models of which one was promoted, a checkpoint, or
    /// one of <see cref="FormulaModels"/>; null for the default.</param>
    /// <param name="importedMpp">Pixel size that a checkpoint works at; null takes that of the published ones. Other models know theirs.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="ModelException">There is no such model, it can't be read, or the device can't be used.</exception>
    public static NucleusModel Load(string? nameOrPath, Mpp? importedMpp = null, ComputeDevice device = ComputeDevice.Cpu)
    {
        // A file that is called like a built-in model is meant as a file only with its folder named.
        if (nameOrPath is null || NucleusModel.BuiltIn.Contains(nameOrPath))
        {
            return NucleusModel.LoadBuiltIn(nameOrPath, device: device);
        }

        if (!FormulaModels.Contains(nameOrPath) && !IsCheckpoint(nameOrPath))
        {
            return NucleusModel.Load(Directory.Exists(nameOrPath) ? CurrentModel.Of(nameOrPath) : nameOrPath, device: device);
        }

        using var folder = new ScratchFolder("import");
        var path = folder.File(Path.GetFileNameWithoutExtension(nameOrPath) + ".onnx");
        if (FormulaModels.Contains(nameOrPath))
        {
            FormulaModel.Write(nameOrPath, path);
        }
        else
        {
            ModelImporter.Import(nameOrPath, path, new ModelImportOptions { Mpp = importedMpp?.MicronsPerPixel });
        }

        return NucleusModel.Load(path, device: device);
    }
}
