namespace HoverFast.Slides;

/// <summary>One level of a slide's pyramid.</summary>
/// <param name="Index">Position in <see cref="ISlide.Levels"/>; 0 is the finest.</param>
/// <param name="Size">Pixels of the level.</param>
/// <param name="Downsample">Level-0 pixels in one pixel of this level, at least 1.</param>
/// <param name="TileSize">The size of the stored tiles (or strips), so that readers can ask in whole ones.</param>
public sealed record SlideLevel(int Index, PixelSize Size, double Downsample, PixelSize TileSize);
