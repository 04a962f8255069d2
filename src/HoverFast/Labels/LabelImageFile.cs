using HoverFast.Files;
using HoverFast.Labels.Png;
using HoverFast.Slides;
using HoverFast.Slides.Tiff;

namespace HoverFast.Labels;

/// <summary>
/// Label images as files, exact to the last label: 16-bit grey PNG for up to 65,535 labels, tiled 32-bit OME-TIFF for more.
/// </summary>
public static class LabelImageFile
{
    /// <summary>The highest label that a 16-bit PNG holds.</summary>
    public const int HighestPngLabel = ushort.MaxValue;

    /// <summary>Reads a label image: PNG in grey of 1 to 16 bits, or TIFF of 8, 16 or 32 bits, by its content and not its name.</summary>
    /// <exception cref="SlideException">The file is missing, damaged, or no label image.</exception>
    public static LabelImage Read(string path) => ReadOfSize(path, null);

    private static LabelImage ReadOfSize(string path, PixelSize? expected)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = RegularFile.OpenRead(path);
            Span<byte> start = stackalloc byte[8];
            var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            if (TiffFile.IsTiff(start[..read]))
            {
                return LabelTiffReader.Read(path, expected);
            }

            file.Position = 0;
            return GrayPng.Read(file, expected);
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

    /// <summary>Reads labels of a picture of known size: a label image, or outlines (<see cref="OutlineFile"/>).</summary>
    /// <exception cref="SlideException">The file can't be read, or is a label image of another size.</exception>
    public static LabelImage Read(string path, PixelSize size)
    {
        if (OutlineFile.IsOutlines(path))
        {
            return OutlineFile.Draw(path, size);
        }

        var image = ReadOfSize(path, size);
        return image.Size == size
            ? image
            : throw new SlideException(path, $"has {image.Size} pixels where {size} are expected; labels must cover the same picture.");
    }

    /// <summary>
    /// Reads the labels of two files of one picture. Outlines are drawn on the other one's pixels, or, where both are outlines, on an image that just holds
    /// them.
    /// </summary>
    /// <exception cref="SlideException">A file can't be read, or the sizes differ.</exception>
    public static (LabelImage First, LabelImage Second) ReadPair(string first, string second)
    {
        if (!OutlineFile.IsOutlines(first))
        {
            var image = Read(first);
            return (image, Read(second, image.Size));
        }

        if (!OutlineFile.IsOutlines(second))
        {
            var image = Read(second);
            return (Read(first, image.Size), image);
        }

        var (a, b) = (OutlineFile.ReadNuclei(first), OutlineFile.ReadNuclei(second));
        var size = OutlineFile.SizeThatHolds([.. a, .. b]);
        if (size.Area > LabelTiffReader.MostPixels)
        {
            throw new SlideException(
                second,
                $"and {Path.GetFileName(first)} reach over {size} pixels; label images may have {LabelTiffReader.MostPixels / 1_000_000} million. Compare the outlines themselves instead.");
        }

        return (OutlineFile.Draw(first, a, size), OutlineFile.Draw(second, b, size));
    }

    /// <summary>Writes a 16-bit grey PNG (whole or not at all).</summary>
    /// <exception cref="ArgumentException">A label is negative or above <see cref="HighestPngLabel"/>.</exception>
    public static void WritePng(string path, LabelImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        foreach (var label in image.Labels)
        {
            if (label is < 0 or > HighestPngLabel)
            {
                throw new ArgumentException(
                    $"{path}: a PNG holds labels from 0 to {HighestPngLabel}, this image has {label}. Write a TIFF instead.",
                    nameof(image));
            }
        }

        using var file = new PartialFile(path);
        GrayPng.Write16(file.Stream, image.Width, image.Labels);
        file.Complete();
    }

    /// <summary>Writes an OME-TIFF of tiled, deflated 32-bit labels (whole or not at all).</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The labels.</param>
    /// <param name="mpp">Pixel size, for the resolution tags; null leaves them out.</param>
    public static void WriteTiff(string path, LabelImage image, Mpp? mpp = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var file = new PartialFile(path);
        var tiff = new LabelTiffWriter(file.Stream, image.Size, mpp);
        const int Side = PlaneLevel.TileSide;
        var tile = new int[Side * Side];
        for (var i = 0; i < tiff.Plane.Full.Offsets.Length; i++)
        {
            var (row, column) = Math.DivRem(i, tiff.Plane.Full.Columns);
            var (x, y) = (column * Side, row * Side);
            Array.Clear(tile);
            for (var r = 0; r < Math.Min(Side, image.Height - y); r++)
            {
                image.Labels.AsSpan(((y + r) * image.Width) + x, Math.Min(Side, image.Width - x)).CopyTo(tile.AsSpan(r * Side));
            }

            if (tile.AsSpan().ContainsAnyExcept(0))
            {
                tiff.Plane.Write(i, tile);
            }
        }

        tiff.Finish();
        file.Complete();
    }
}
