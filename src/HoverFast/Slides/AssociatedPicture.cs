namespace HoverFast.Slides;

/// <summary>A picture beside a slide.</summary>
/// <param name="Name">What the file calls it, or what it seems to be.</param>
/// <param name="Size">Its pixels; null where they aren't known.</param>
public sealed record AssociatedPicture(string Name, PixelSize? Size);
