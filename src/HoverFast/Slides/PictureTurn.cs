using SkiaSharp;

namespace HoverFast.Slides;

/// <summary>Turns and mirrors a picture as its EXIF orientation says.</summary>
internal static class PictureTurn
{
    /// <summary>Gives the picture upright; the same one where it is so already.</summary>
    public static RgbImage Apply(RgbImage image, SKEncodedOrigin orientation)
    {
        if (orientation is SKEncodedOrigin.TopLeft or < SKEncodedOrigin.TopLeft or > SKEncodedOrigin.LeftBottom)
        {
            return image;
        }

        var swaps = orientation >= SKEncodedOrigin.LeftTop;
        var turned = new RgbImage(swaps ? image.Height : image.Width, swaps ? image.Width : image.Height);
        var (right, bottom) = (image.Width - 1, image.Height - 1);
        for (var y = 0; y < turned.Height; y++)
        {
            var row = turned.Row(y);
            for (var x = 0; x < turned.Width; x++)
            {
                var (u, v) = orientation switch
                {
                    SKEncodedOrigin.TopRight => (right - x, y),
                    SKEncodedOrigin.BottomRight => (right - x, bottom - y),
                    SKEncodedOrigin.BottomLeft => (x, bottom - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, bottom - x),
                    SKEncodedOrigin.RightBottom => (right - y, bottom - x),
                    _ => (right - y, x),
                };
                image.Row(v).Slice(u * 3, 3).CopyTo(row[(x * 3)..]);
            }
        }

        return turned;
    }
}
