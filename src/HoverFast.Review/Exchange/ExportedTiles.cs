namespace HoverFast.Review.Exchange;

/// <summary>Tiles that were made of reviewed fields.</summary>
/// <param name="Folder">Where they lie: <c>images/</c>, <c>labels/</c>, <c>tiles.json</c>.</param>
/// <param name="Mpp">Pixel size of all of them, um/px.</param>
/// <param name="Fields">The fields; a tile is called like its field.</param>
/// <param name="Nuclei">Nuclei on them, those cut by an edge included.</param>
public sealed record ExportedTiles(string Folder, double Mpp, IReadOnlyList<string> Fields, int Nuclei);
