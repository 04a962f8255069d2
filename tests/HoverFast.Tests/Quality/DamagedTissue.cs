using HoverFast.Slides;
using HoverFast.Tests.Guards;

namespace HoverFast.Tests.Quality;

/// <summary>Pictures of real tissue, put together of mirrored tiles of 0.25 um/px, with parts that are blurred or drawn on.</summary>
internal static class DamagedTissue
{
    /// <summary>Pixels on a side of a field.</summary>
    public const int Field = 1024;

    /// <summary>Mirrored tiles side by side.</summary>
    public static RgbImage Draw(int columns, int rows)
    {
        var tile = RgbImageFile.Read(LabelledTiles.Image("tnbc", "09_4"));
        var picture = new RgbImage(columns * Field, rows * Field);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                tile.Row(Mirrored(y, tile.Height)).Slice(3 * Mirrored(x, tile.Width), 3).CopyTo(picture.Row(y)[(3 * x)..]);
            }
        }

        return picture;
    }

    /// <summary>Blurs a part by a mean over squares.</summary>
    public static void Blur(RgbImage picture, PixelRect part, int radius)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var (step, across) in (ReadOnlySpan<(int, bool)>)[(3, true), (3 * picture.Width, false)])
            {
                var before = picture.Pixels.ToArray();
                for (var y = part.Y; y < part.Bottom; y++)
                {
                    for (var x = part.X; x < part.Right; x++)
                    {
                        var (place, side) = across ? (x, picture.Width) : (y, picture.Height);
                        var (first, last) = (Math.Max(-radius, -place), Math.Min(radius, side - 1 - place));
                        for (var c = 0; c < 3; c++)
                        {
                            var sum = 0;
                            for (var d = first; d <= last; d++)
                            {
                                sum += before[(((y * picture.Width) + x) * 3) + c + (d * step)];
                            }

                            picture.Pixels[(((y * picture.Width) + x) * 3) + c] = (byte)(sum / (last - first + 1));
                        }
                    }
                }
            }
        }
    }

    /// <summary>Draws on a part with a green pen: slanting lines as wide as the gaps between them.</summary>
    public static void Pen(RgbImage picture, PixelRect part)
    {
        const int Line = 60;
        for (var y = part.Y; y < part.Bottom; y++)
        {
            for (var x = part.X; x < part.Right; x++)
            {
                if ((x + (y / 2)) / Line % 2 == 0)
                {
                    var pixel = picture.Row(y).Slice(3 * x, 3);
                    (pixel[0], pixel[1], pixel[2]) = ((byte)(pixel[0] / 5), (byte)((pixel[1] / 3) + 90), (byte)(pixel[2] / 3));
                }
            }
        }
    }

    /// <summary>Draws a black speck.</summary>
    public static void Speck(RgbImage picture, int centreX, int centreY, int radius)
    {
        for (var y = centreY - radius; y <= centreY + radius; y++)
        {
            for (var x = centreX - radius; x <= centreX + radius; x++)
            {
                if (((x - centreX) * (x - centreX)) + ((y - centreY) * (y - centreY)) <= radius * radius)
                {
                    picture.Row(y).Slice(3 * x, 3).Fill(25);
                }
            }
        }
    }

    private static int Mirrored(int place, int side) => place / side % 2 == 0 ? place % side : side - 1 - (place % side);
}
