namespace HoverFast.Pipeline;

/// <summary>How far a slide is.</summary>
/// <param name="TilesDone">Tiles finished, taken from the journal included.</param>
/// <param name="TileCount">Tiles with tissue.</param>
/// <param name="TilesResumed">Of the finished ones, those that an earlier run had finished.</param>
/// <param name="Nuclei">Nuclei so far.</param>
public readonly record struct SlideProgress(int TilesDone, int TileCount, int TilesResumed, long Nuclei);
