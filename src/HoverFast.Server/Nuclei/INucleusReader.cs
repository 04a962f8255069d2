namespace HoverFast.Server.Nuclei;

/// <summary>Hands out the nuclei of a result's file one after the other. Which file it is makes no difference: the same nuclei, in the same order.</summary>
internal interface INucleusReader : IDisposable
{
    /// <summary>Names of the measurements met so far, in the order of the values.</summary>
    IReadOnlyList<string> Measurements { get; }

    /// <summary>Classes met so far, with their colours.</summary>
    IReadOnlyList<(string Name, byte Red, byte Green, byte Blue)> Classes { get; }

    /// <summary>How much of the file has been read, 0 to 1.</summary>
    double Progress { get; }

    /// <summary>Reads the next nucleus; what has no polygon is passed over.</summary>
    /// <param name="nucleus">Takes it.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">It is no file of nuclei, or a damaged one.</exception>
    bool Read(IndexedNucleus nucleus);
}
