namespace HoverFast.Training.Trust;

/// <summary>Seeds that follow from the names of pictures, so that each is always made worse in the same way.</summary>
internal static class NameSeed
{
    /// <summary>The seed of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="start">Another start gives other seeds.</param>
    public static int Of(string name, int start) => name.Aggregate(start, (h, c) => unchecked((h * 31) + c));
}
