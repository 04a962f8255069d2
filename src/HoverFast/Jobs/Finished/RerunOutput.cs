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
    public void Add(in SegmentedNucleus nucleus)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            if (float.IsFinite(nucleus.Measurements[i]))
            {
                values[names[i].Name] = nucleus.Measurements[i];
            }
        }

        var type = nucleus.Nucleus.Type;
        Nuclei.Add(new WrittenNucleus(nucleus.Id, nucleus.Outline.ToArray(), type >= 1 && type <= classes.Count ? classes[type - 1].Name : null, values));
    }

    /// <summary>Does nothing.</summary>
    public void Complete()
    {
    }

    /// <summary>Does nothing.</summary>
    public void Dispose()
    {
    }
}
