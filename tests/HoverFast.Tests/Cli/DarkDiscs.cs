using HoverFast.Slides;

namespace HoverFast.Tests.Cli;

/// <summary>A picture that the darkness model finds nuclei on: dark discs on pink, 80 pixels apart.</summary>
internal static class DarkDiscs
{
    public static void Write(string path, int size)
    {
        var picture = new RgbImage(size, size);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var dx = (x % 80) - 40;
                var dy = (y % 80) - 40;
                var inside = (dx * dx) + (dy * dy) < 225;
                var row = picture.Row(y);
                (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = inside ? ((byte)70, (byte)50, (byte)130) : ((byte)220, (byte)160, (byte)200);
            }
        }

        RgbImageFile.WritePng(path, picture);
    }
}
