using HoverFast.Slides;

namespace HoverFast.Server.Slides;

/// <summary>One level of the pyramid that the page sees.</summary>
/// <param name="Resolution">Full-resolution pixels in one of its pixels.</param>
/// <param name="Size">Its pixels.</param>
/// <param name="TileSize">Pixels of a tile.</param>
/// <param name="Stored">The stored level whose tiles these are; null where tiles are made.</param>
internal sealed record ViewLevel(double Resolution, PixelSize Size, PixelSize TileSize, int? Stored)
{
    /// <summary>Tiles in a row.</summary>
    public int Columns => (Size.Width + TileSize.Width - 1) / TileSize.Width;

    /// <summary>Rows of tiles.</summary>
    public int Rows => (Size.Height + TileSize.Height - 1) / TileSize.Height;
}
