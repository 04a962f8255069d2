namespace HoverFast.Review.Fields;

/// <summary>A field that could be drawn: a cell of the grid over a slide that holds tissue.</summary>
/// <param name="Slide">Name of the slide's result.</param>
/// <param name="X">Left edge in full-resolution pixels from the corner of the bounds.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width, less at the slide's edge.</param>
/// <param name="Height">Height.</param>
/// <param name="Tissue">Tissue in it, um2.</param>
internal sealed record Cell(string Slide, int X, int Y, int Width, int Height, double Tissue);
