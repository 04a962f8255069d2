namespace HoverFast.Server.Nuclei;

/// <summary>Thrown where the text ends within a value: more of it must be read first.</summary>
internal sealed class TextEndException : Exception
{
    /// <summary>The one that is thrown.</summary>
    public static TextEndException Instance { get; } = new();
}
