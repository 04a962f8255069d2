using HoverFast.Nuclei;

namespace HoverFast.Jobs.Finished;

/// <summary>A nucleus as a file of a result has it.</summary>
/// <param name="Id">Its identity; empty where the file gives none.</param>
/// <param name="Outline">Open ring in hundredths of a full-resolution pixel, from the corner of the slide's bounds.</param>
/// <param name="Type">Its type, or null.</param>
/// <param name="Values">Its measurements by their names in QuPath; what can't be told is left out.</param>
internal sealed record WrittenNucleus(Guid Id, OutlinePoint[] Outline, string? Type, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>The box of the outline.</summary>
    public (OutlinePoint Least, OutlinePoint Most) Box { get; } = OutlinePoint.BoxOf(Outline);
}
