namespace HoverFast.Training.Distillation;

/// <summary>A tile of a teaching set, as its manifest lists it.</summary>
/// <param name="Name">Name of its files, without extension.</param>
/// <param name="Slide">The slide that it was cut from: its file name, after another name in the set where several slides share it.</param>
/// <param name="X">Left edge on the teacher's working grid of that slide.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Split">"train" or "test"; all tiles of a slide are on one side.</param>
/// <param name="Nuclei">Nuclei that the teacher found.</param>
/// <param name="Agreement">Mean agreement of the teacher's views inside and around nuclei (where any view sees one), 0 to 1.</param>
internal sealed record TeachingTile(string Name, string Slide, int X, int Y, int Width, int Height, string Split, int Nuclei, double Agreement);
