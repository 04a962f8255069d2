using HoverFast.Model;

namespace HoverFast.Training.Optimisation;

/// <summary>A model that is trained further: its graph, its card and its name.</summary>
internal sealed record StartingModel(byte[] Graph, ModelCard Card, string Name)
{
    /// <summary>The name of a built-in model as it is, another path as a whole one.</summary>
    /// <param name="name">Name or path.</param>
    /// <param name="baseFolder">Folder from which a relative path is looked up.</param>
    public static string Place(string name, string baseFolder) => NucleusModel.BuiltIn.Contains(name) ? name : Path.GetFullPath(Path.Combine(baseFolder, name));

    /// <summary>Loads it. Not as <see cref="ModelCatalog"/> does: the file's own bytes are wanted, which an imported checkpoint has none of.</summary>
    /// <exception cref="ModelException">There is no such model.</exception>
    public static StartingModel Load(string name)
    {
        if (!File.Exists(name) && NucleusModel.BuiltIn.Contains(name))
        {
            using var builtIn = NucleusModel.LoadBuiltIn(name);
            return new StartingModel(NucleusModel.BuiltInGraph(name), builtIn.Card, name);
        }

        using var model = NucleusModel.Load(name);
        return new StartingModel(File.ReadAllBytes(name), model.Card, name);
    }
}
