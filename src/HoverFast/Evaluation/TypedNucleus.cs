using System.Numerics;

namespace HoverFast.Evaluation;

/// <summary>A nucleus as agreement on types needs it.</summary>
/// <param name="Centroid">Its centroid, in pixels.</param>
/// <param name="Type">Number of its type, from 1; 0 where it isn't known.</param>
internal readonly record struct TypedNucleus(Vector2 Centroid, int Type);
