namespace HoverFast.Output;

/// <summary>A type of nucleus that a model knows.</summary>
/// <param name="Name">For example "Neoplastic".</param>
/// <param name="Red">Colour in QuPath.</param>
/// <param name="Green">Colour in QuPath.</param>
/// <param name="Blue">Colour in QuPath.</param>
internal sealed record NucleusClass(string Name, byte Red, byte Green, byte Blue)
{
    /// <summary>The name of a nucleus's type; null where it has none that the model knows.</summary>
    /// <param name="classes">The types that the model knows, type 1 first.</param>
    /// <param name="type">The nucleus's type.</param>
    public static string? NameOf(IReadOnlyList<NucleusClass> classes, int type) => type >= 1 && type <= classes.Count ? classes[type - 1].Name : null;
}
