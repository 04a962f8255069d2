using HoverFast.Model;

namespace HoverFast.Training.Commands;

/// <summary>Models by file or by built-in name.</summary>
internal static class ModelFile
{
    /// <exception cref="ModelException">There is no such model.</exception>
    public static NucleusModel Load(string name) => !File.Exists(name) && NucleusModel.BuiltIn.Contains(name) ? NucleusModel.LoadBuiltIn(name) : NucleusModel.Load(name);
}
