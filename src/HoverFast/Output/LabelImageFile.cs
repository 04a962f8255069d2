using HoverFast.Output.Png;
using HoverFast.Slides;

namespace HoverFast.Output;

/// <summary>
/// Label images as files, exact to the last label: 16-bit grey PNG for up to 65,535 labels.
/// </summary>
public static class LabelImageFile
{
    /// <summary>The highest label that a 16-bit PNG holds.</summary>
    public const int HighestPngLabel = ushort.MaxValue;

    /// <summary>Reads a label image: PNG in grey of 1 to 16 bits.</summary>
    /// <exception cref="SlideException">The file is missing, damaged, or no label image.</exception>
    public static LabelImage Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return GrayPng.Read(file);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            throw new SlideException(path, $"can't be read as a label image. {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
    }

    /// <summary>Writes a 16-bit grey PNG (whole or not at all).</summary>
    /// <exception cref="ArgumentException">A label is negative or above <see cref="HighestPngLabel"/>.</exception>
    public static void WritePng(string path, LabelImage image)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(image);
        foreach (var label in image.Labels)
        {
            if (label is < 0 or > HighestPngLabel)
            {
                throw new ArgumentException($"{path}: a PNG holds labels from 0 to {HighestPngLabel}, this image has {label}. Write a TIFF instead.", nameof(image));
            }
        }

        var partial = path + ".partial";
        using (var file = File.Create(partial))
        {
            GrayPng.Write16(file, image.Width, image.Labels);
        }

        File.Move(partial, path, overwrite: true);
    }
}
