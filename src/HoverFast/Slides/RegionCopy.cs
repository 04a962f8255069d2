namespace HoverFast.Slides;

/// <summary>Copies the part of a decoded tile that lies in a wanted region.</summary>
internal static class RegionCopy
{
    /// <summary>Refuses a destination of another size than the region's.</summary>
    public static void Check(PixelRect region, RgbImage destination)
    {
        if (region.Width != destination.Width || region.Height != destination.Height)
        {
            throw new ArgumentException($"The region has {region.Width} x {region.Height} pixels, the destination {destination.Size}.", nameof(destination));
        }
    }

    /// <summary>Copies.</summary>
    /// <param name="pixels">The tile's RGB bytes; empty paints white.</param>
    /// <param name="tile">Where the tile lies.</param>
    /// <param name="inside">What to copy at most, in the same pixels.</param>
    /// <param name="region">Where <paramref name="destination"/> lies.</param>
    /// <param name="destination">Takes the pixels.</param>
    public static void Copy(ReadOnlySpan<byte> pixels, PixelRect tile, PixelRect inside, PixelRect region, RgbImage destination)
    {
        var part = tile.Intersect(inside);
        for (var y = part.Y; y < part.Bottom; y++)
        {
            var to = destination.Row(y - region.Y).Slice((part.X - region.X) * 3, part.Width * 3);
            if (pixels.IsEmpty)
            {
                to.Fill(255);
            }
            else
            {
                pixels.Slice((((y - tile.Y) * tile.Width) + part.X - tile.X) * 3, part.Width * 3).CopyTo(to);
            }
        }
    }
}
