namespace HoverFast.Slides.Jpeg2000;

/// <summary>A band of one resolution.</summary>
/// <param name="Index">Its place in the list of quantisations.</param>
/// <param name="Orientation">0 LL, 1 HL, 2 LH, 3 HH.</param>
/// <param name="X0">Left edge on the band's grid.</param>
/// <param name="Y0">Upper edge.</param>
/// <param name="Width">Coefficients in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Precincts">Its parts.</param>
internal sealed record Band(int Index, int Orientation, int X0, int Y0, int Width, int Height, Precinct[] Precincts);
