using System.Numerics;

namespace HoverFast.Evaluation;

/// <summary>A nucleus of one result that has no like in the other.</summary>
/// <param name="InSecond">Whether it is of the second result.</param>
/// <param name="Centroid">Where it lies, in the outlines' pixels.</param>
/// <param name="Area">Square pixels of it.</param>
/// <param name="BestIou">Intersection over union with what comes closest; 0 where nothing is there.</param>
public readonly record struct UnmatchedOutline(bool InSecond, Vector2 Centroid, double Area, double BestIou);
