namespace HoverFast.Evaluation;

/// <summary>How many nuclei that two results have in common are of one type in the first and of one type in the second.</summary>
/// <param name="First">The type in the first result, as its file names it.</param>
/// <param name="Second">The type in the second.</param>
/// <param name="Nuclei">How many.</param>
public readonly record struct TypePair(string First, string Second, int Nuclei)
{
    /// <summary>Whether both call them the same.</summary>
    public bool IsSame => First == Second;
}
