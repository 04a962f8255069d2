namespace HoverFast.Slides;

/// <summary>Reads pictures of slides that are damaged in places: what can't be decoded is taken as blank, and told.</summary>
internal static class DamagedRegions
{
    /// <summary>Edge in pixels of the smallest piece that is given up.</summary>
    private const int SmallestPiece = 64;

    /// <summary>Reads a part of a picture.</summary>
    /// <param name="x">Its left edge in the picture.</param>
    /// <param name="y">Its upper edge.</param>
    /// <param name="part">Takes the pixels; its size is the part's.</param>
    public delegate void ReadPart(int x, int y, RgbImage part);

    /// <summary>Reads a picture block by block. Blocks that can't be decoded stay white: whether the slide can be done is for its tiles to say.</summary>
    /// <param name="picture">Takes the pixels.</param>
    /// <param name="block">Side of a block in pixels.</param>
    /// <param name="read">Reads a block; called from <paramref name="threads"/> threads.</param>
    /// <param name="threads">Threads; at least 1.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>For each block, row by row, whether it could not be decoded.</returns>
    public static bool[] ReadInBlocks(RgbImage picture, int block, ReadPart read, int threads = 1, CancellationToken cancellation = default)
    {
        var columns = (picture.Width + block - 1) / block;
        var rows = (picture.Height + block - 1) / block;
        var undecodable = new bool[columns * rows];
        InParallel.Do(undecodable.Length, threads, Read, cancellation);
        return undecodable;

        void Read(int i)
        {
            var (x, y) = (i % columns * block, i / columns * block);
            var part = new RgbImage(Math.Min(block, picture.Width - x), Math.Min(block, picture.Height - y));
            undecodable[i] = !TryRead(read, x, y, part, out _);
            part.CopyTo(picture, x, y);
        }
    }

    /// <summary>Reads a picture piece by piece, halving what can't be decoded, and leaves the smallest such pieces white.</summary>
    /// <param name="picture">Takes the pixels.</param>
    /// <param name="read">Reads a piece.</param>
    /// <returns>The level-0 regions that could not be decoded, each once.</returns>
    public static List<PixelRect> ReadAround(RgbImage picture, ReadPart read)
    {
        var regions = new List<PixelRect>();
        ReadAround(new PixelRect(0, 0, picture.Width, picture.Height));
        return regions;

        void ReadAround(PixelRect piece)
        {
            var part = new RgbImage(piece.Width, piece.Height);
            if (!TryRead(read, piece.X, piece.Y, part, out var region))
            {
                if (Math.Max(piece.Width, piece.Height) > SmallestPiece)
                {
                    var wide = piece.Width >= piece.Height;
                    var half = (wide ? piece.Width : piece.Height) / 2;
                    ReadAround(wide ? piece with { Width = half } : piece with { Height = half });
                    ReadAround(
                        wide ? piece with { X = piece.X + half, Width = piece.Width - half } : piece with { Y = piece.Y + half, Height = piece.Height - half });
                    return;
                }

                if (!regions.Contains(region))
                {
                    regions.Add(region);
                }
            }

            part.CopyTo(picture, piece.X, piece.Y);
        }
    }

    private static bool TryRead(ReadPart read, int x, int y, RgbImage part, out PixelRect region)
    {
        try
        {
            read(x, y, part);
            region = default;
            return true;
        }
        catch (SlideException e) when (e.Region is not null)
        {
            part.Span.Fill(255);
            region = e.Region.Value;
            return false;
        }
    }
}
