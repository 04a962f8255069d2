using System.Numerics;

namespace HoverFast.Evaluation;

/// <summary>Two nuclei of one result that cover each other.</summary>
/// <param name="InSecond">Whether they are of the second result.</param>
/// <param name="Centroid">Where one lies, in the outlines' pixels.</param>
/// <param name="Other">Where the other lies.</param>
/// <param name="Iou">Their intersection over union.</param>
public readonly record struct DoubledOutline(bool InSecond, Vector2 Centroid, Vector2 Other, double Iou);
