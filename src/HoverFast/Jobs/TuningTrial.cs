namespace HoverFast.Jobs;

/// <summary>One combination that was measured.</summary>
/// <param name="Model">The built-in model.</param>
/// <param name="Engine">What ran it.</param>
/// <param name="Threads">Threads.</param>
/// <param name="TileSize">Working pixels on a side of a tile.</param>
/// <param name="SquareMillimetresPerSecond">mm2 of tissue a second.</param>
/// <param name="PeakMemoryBytes">The most memory that the process had held until then.</param>
public sealed record TuningTrial(string Model, string Engine, int Threads, int TileSize, double SquareMillimetresPerSecond, long PeakMemoryBytes);
