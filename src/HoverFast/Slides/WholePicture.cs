namespace HoverFast.Slides;

/// <summary>Reads a picture whole, as <c>segment</c> would: every format that the library opens, TIFF included.</summary>
internal static class WholePicture
{
    /// <summary>Reads it at full resolution.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it is to be, for the message: "pictures to score".</param>
    /// <exception cref="SlideException">The file can't be read, or is a whole slide.</exception>
    public static RgbImage Read(string path, string kind)
    {
        using var slide = Slide.Open(path);
        var size = slide.Levels[0].Size;
        if (size.Area > RgbImageFile.MostPixels)
        {
            throw new SlideException(
                path,
                $"has {size} pixels; {kind} may have {RgbImageFile.MostPixels / 1_000_000} million. Cut tiles of about 1000 x 1000 pixels from it.");
        }

        var picture = new RgbImage(size.Width, size.Height);
        slide.Read(0, 1, new PixelRect(0, 0, size.Width, size.Height), picture);
        return picture;
    }
}
