namespace HoverFast.Jobs;

/// <summary>Whether a limit holds.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Tiles">Tiles that it was held against.</param>
/// <param name="Mean">Mean of the figure; null where no tile has one.</param>
/// <param name="Low">Lower end of the 95 % interval; null where there is none.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Holds">Whether it holds; without a tile it does not.</param>
public sealed record ValidationFinding(ValidationLimit Limit, int Tiles, double? Mean, double? Low, double? High, bool Holds);
