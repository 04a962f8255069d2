namespace HoverFast.Nuclei;

/// <summary>
/// A place on a slide, in full-resolution pixels from the corner of the slide's bounds, as QuPath counts; (0.5, 0.5) is the first pixel's centre.
/// </summary>
/// <param name="X">To the right.</param>
/// <param name="Y">Downwards.</param>
public readonly record struct SlidePoint(double X, double Y);
