namespace HoverFast.Files.Chains;

/// <summary>A log whose chain doesn't hold: an entry was changed, taken out or put in.</summary>
internal sealed class BrokenLogException(string path, long entry, string problem) : IOException($"{path}: {problem}")
{
    /// <summary>Number of the first entry that doesn't hold.</summary>
    public long Entry => entry;

    /// <summary>What is wrong, without the file.</summary>
    public string Problem => problem;
}
