using HoverFast.Model;

namespace HoverFast.Training.Optimisation;

/// <summary>A model that is trained further: its graph, its card and its name.</summary>
internal sealed record StartingModel(byte[] Graph, ModelCard Card, string Name)
{
    private const string Float32 = "-float32";

    /// <summary>The name of a built-in model as it is, another path as a whole one.</summary>
    /// <param name="name">Name or path.</param>
    /// <param name="baseFolder">Folder from which a relative path is looked up.</param>
    public static string Place(string name, string baseFolder) => NucleusModel.BuiltIn.Contains(name) ? name : Path.GetFullPath(Path.Combine(baseFolder, name));

    /// <summary>The float32 twin of a built-in 8-bit model, which alone can be trained further; another name as it is.</summary>
    /// <param name="name">Name or path.</param>
    public static string Trainable(string name) => IsBuiltIn(name) && NucleusModel.BuiltIn.Contains(name + Float32) ? name + Float32 : name;

    /// <summary>The model that this one carries (<see cref="StartInside"/>); null where it carries none.</summary>
    public StartingModel? Inside => StartInside.Of(Graph, Name) is { } inside ? new StartingModel(inside.Graph, inside.ParseCard(Name), Name) : null;

    /// <summary>This model, or the one in it that has a hash.</summary>
    /// <param name="sha256">SHA-256 of its ONNX file, lower-case hexadecimal.</param>
    public StartingModel Of(string sha256) => Card.Sha256 == sha256 || Inside is not { } inside ? this : inside.Of(sha256);

    /// <summary>The 8-bit model that belongs to this one; itself where there is none.</summary>
    public StartingModel IntegerTwin()
    {
        var name = IsBuiltIn(Name) && Name.EndsWith(Float32, StringComparison.Ordinal) ? Name[..^Float32.Length] : IntegerName(Name);
        return NucleusModel.BuiltIn.Contains(name) || (File.Exists(name) && File.Exists(ModelCard.PathFor(name))) ? Load(name) : this;
    }

    /// <summary>The name of the 8-bit model beside a float32 one.</summary>
    public static string IntegerName(string path) =>
        Path.Combine(Path.GetDirectoryName(path) ?? "", Path.GetFileNameWithoutExtension(path) + "-int8.onnx");

    /// <summary>Opens it, to segment with.</summary>
    public NucleusModel Open() => Open(Name);

    /// <summary>Loads it. Not as <see cref="ModelCatalog"/> does: the file's own bytes are wanted, which an imported checkpoint has none of.</summary>
    /// <exception cref="ModelException">There is no such model.</exception>
    public static StartingModel Load(string name)
    {
        using var model = Open(name);
        return new StartingModel(IsBuiltIn(name) ? BuiltInModels.Graph(name) : File.ReadAllBytes(name), model.Card, name);
    }

    private static NucleusModel Open(string name) => IsBuiltIn(name) ? NucleusModel.LoadBuiltIn(name) : NucleusModel.Load(name);

    // A file of that name counts more.
    private static bool IsBuiltIn(string name) => !File.Exists(name) && NucleusModel.BuiltIn.Contains(name);
}
