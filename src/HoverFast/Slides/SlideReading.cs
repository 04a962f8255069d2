namespace HoverFast.Slides;

/// <summary>How a slide is read for a model.</summary>
/// <param name="Level">The stored level that is read.</param>
/// <param name="Reduction">By how much its decoder shrinks it.</param>
/// <param name="Averaged">Pixels of that on a side which make one pixel of the working grid; below 1 it is enlarged.</param>
/// <param name="Mpp">Pixel size of the working grid.</param>
/// <param name="Size">Pixels of the working grid.</param>
public sealed record SlideReading(int Level, int Reduction, double Averaged, Mpp Mpp, PixelSize Size);
