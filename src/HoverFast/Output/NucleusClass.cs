namespace HoverFast.Output;

/// <summary>A type of nucleus that a model knows.</summary>
/// <param name="Name">For example "Neoplastic".</param>
/// <param name="Red">Colour in QuPath.</param>
/// <param name="Green">Colour in QuPath.</param>
/// <param name="Blue">Colour in QuPath.</param>
internal sealed record NucleusClass(string Name, byte Red, byte Green, byte Blue);
