using HoverFast.Files;
using HoverFast.Slides;
using SkiaSharp;

namespace HoverFast.Tissue;

/// <summary>Tissue masks that other programs made: one picture per slide, white (or any value above 127) on tissue, of any scale, as HistoQC writes them.</summary>
public static class MaskImage
{
    private static readonly string[] _extensions = [".png", ".tif", ".tiff", ".jpg", ".jpeg"];

    /// <summary>Finds the mask of a slide in a folder.</summary>
    /// <param name="folder">Holds masks, directly or in one folder per slide (HistoQC's layout).</param>
    /// <param name="slidePath">The slide; masks are called after it, with or without its extension, and with or without "_mask" or "_mask_use".</param>
    /// <returns>The mask's path, or null where there is none.</returns>
    /// <exception cref="SlideException">The folder does not exist.</exception>
    public static string? Find(string folder, string slidePath)
    {
        if (!Directory.Exists(folder))
        {
            throw new SlideException(folder, "is no folder of mask pictures.");
        }

        var file = Path.GetFileName(slidePath);
        var stem = Path.GetFileNameWithoutExtension(slidePath);
        foreach (var place in (string[])[folder, Path.Combine(folder, file), Path.Combine(folder, stem)])
        {
            foreach (var name in (string[])[stem, file, stem + "_mask_use", file + "_mask_use", stem + "_mask", file + "_mask"])
            {
                foreach (var extension in _extensions)
                {
                    var path = Path.Combine(place, name + extension);
                    if (File.Exists(path) && !string.Equals(Path.GetFullPath(path), Path.GetFullPath(slidePath), StringComparison.Ordinal))
                    {
                        return path;
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Reads a mask picture. It covers the whole of the slide's level 0, at whatever scale.</summary>
    /// <param name="path">A PNG or JPEG.</param>
    /// <param name="slide">Level-0 pixels of the slide.</param>
    /// <param name="slideMpp">Pixel size of level 0.</param>
    /// <exception cref="SlideException">The picture can't be read, or its shape is not the slide's.</exception>
    public static TissueMask Read(string path, PixelSize slide, Mpp slideMpp)
    {
        try
        {
            RegularFile.Require(path);
        }
        catch (IOException e)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }

        using var picture = SKBitmap.Decode(path) ?? throw new SlideException(path, "can't be read as a mask picture; use a PNG.");
        var ratio = ((double)picture.Width / picture.Height) / ((double)slide.Width / slide.Height);
        var rounding = (2.0 / Math.Min(picture.Width, picture.Height)) + 0.02;
        if (Math.Abs(ratio - 1) > rounding)
        {
            throw new SlideException(path, $"this mask of {picture.Width} x {picture.Height} has not the shape of its slide ({slide}); masks must cover the whole slide.");
        }

        var cells = new bool[picture.Width * picture.Height];
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var pixel = picture.GetPixel(x, y);
                cells[(y * picture.Width) + x] = Math.Max(pixel.Red, Math.Max(pixel.Green, pixel.Blue)) > 127 && pixel.Alpha > 127;
            }
        }

        var mpp = slideMpp.MicronsPerPixel;
        return new TissueMask(picture.Width, picture.Height, cells, slide.Width * mpp / picture.Width, slide.Height * mpp / picture.Height, $"mask {Path.GetFileName(path)}");
    }
}
