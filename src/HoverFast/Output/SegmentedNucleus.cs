using HoverFast.Nuclei;

namespace HoverFast.Output;

/// <summary>
/// A nucleus as all outputs write it: outline rounded and valid, with an identity that a second run gives again. Lives only while
/// <see cref="INucleusOutput.Add"/> runs.
/// </summary>
internal readonly ref struct SegmentedNucleus
{
    /// <summary>Position in the order of writing, from 0; no gaps.</summary>
    public required long Ordinal { get; init; }

    /// <summary>The object's identity, the same in every output of a run and in every repetition of it.</summary>
    public required Guid Id { get; init; }

    /// <summary>The outline: open ring of at least three points that neither crosses nor touches itself, from the corner of the slide's bounds.</summary>
    public required ReadOnlySpan<OutlinePoint> Outline { get; init; }

    /// <summary>What was found, in full-resolution pixels from the corner of the slide's bounds; its outline is the one before rounding and mending.</summary>
    public required Nucleus Nucleus { get; init; }

    /// <summary>The measurements, in the order of the names that the output was made with; NaN where one can't be told.</summary>
    public required ReadOnlySpan<float> Measurements { get; init; }

    /// <summary>The measurements that can be told, by name.</summary>
    /// <param name="names">The names that the output was made with.</param>
    public Dictionary<string, double> ValuesBy(IReadOnlyList<MeasurementName> names)
    {
        var values = new Dictionary<string, double>(names.Count, StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            if (float.IsFinite(Measurements[i]))
            {
                values[names[i].Name] = Measurements[i];
            }
        }

        return values;
    }
}
