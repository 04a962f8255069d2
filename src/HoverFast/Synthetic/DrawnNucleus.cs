namespace HoverFast.Synthetic;

/// <summary>A nucleus that was drawn.</summary>
/// <param name="X">Centre, in pixels from the picture's left edge.</param>
/// <param name="Y">Centre, in pixels from the picture's upper edge.</param>
/// <param name="MajorRadius">Half the length of the ellipse, in pixels.</param>
/// <param name="MinorRadius">Half its width.</param>
/// <param name="Angle">Direction of the long axis from the x axis, in radians.</param>
/// <param name="Area">Pixels that it covers.</param>
internal readonly record struct DrawnNucleus(double X, double Y, double MajorRadius, double MinorRadius, double Angle, int Area);
