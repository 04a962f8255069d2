namespace HoverFast.Review.Exchange;

/// <summary>What came of taking in an edited file.</summary>
/// <param name="Slide">The result that it belongs to.</param>
/// <param name="Entry">Number of the log's entry; 0 where nothing changed.</param>
/// <param name="Added">Nuclei that are new.</param>
/// <param name="Redrawn">Nuclei with another outline.</param>
/// <param name="Reclassified">Nuclei with another class alone.</param>
/// <param name="Deleted">Nuclei that are gone.</param>
/// <param name="Conflicts">Nuclei that somebody changed in the review after the file was exported, to something else than the file has: left as they
/// are.</param>
/// <param name="Refused">Objects that can't be nuclei, with the reason.</param>
public sealed record ImportReport(string Slide, long Entry, int Added, int Redrawn, int Reclassified, int Deleted, IReadOnlyList<Guid> Conflicts,
    IReadOnlyList<string> Refused);
