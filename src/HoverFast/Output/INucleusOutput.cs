namespace HoverFast.Output;

/// <summary>
/// One output of a slide: takes its nuclei one after another and writes them to a file under a temporary name. The file gets its name
/// with <see cref="Complete"/>; disposing without it leaves nothing behind. Not thread safe.
/// </summary>
internal interface INucleusOutput : IDisposable
{
    /// <summary>The file that <see cref="Complete"/> leaves.</summary>
    string Path { get; }

    /// <summary>Writes one nucleus.</summary>
    void Add(in SegmentedNucleus nucleus);

    /// <summary>Ends the file and gives it its name. Nothing may be added afterwards.</summary>
    void Complete();
}
