using HoverFast.Nuclei;
using HoverFast.Output;

namespace HoverFast.Jobs.Finished;

/// <summary>Keeps the nuclei of a tile as outputs would write them.</summary>
/// <param name="names">The names of the measurements that nuclei bring.</param>
/// <param name="classes">The types that the model knows, type 1 first.</param>
internal sealed class RerunOutput(IReadOnlyList<MeasurementName> names, IReadOnlyList<NucleusClass> classes) : INucleusOutput
{
    /// <summary>The nuclei so far; their identities say nothing.</summary>
    public List<WrittenNucleus> Nuclei { get; } = [];

    /// <summary>No file.</summary>
    public string Path => "";

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus) =>
        Nuclei.Add(
            new WrittenNucleus(
                nucleus.Id,
                nucleus.Outline.ToArray(),
                NucleusClass.NameOf(classes, nucleus.Nucleus.Type),
                nucleus.ValuesBy(names)));

    /// <summary>Does nothing.</summary>
    public void Complete()
    {
    }

    /// <summary>Does nothing.</summary>
    public void Dispose()
    {
    }
}
