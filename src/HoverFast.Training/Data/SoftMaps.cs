using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>What a teacher says of a picture: the means of its answers, and how far they agree.</summary>
/// <param name="Maps">Means of probability and HV maps.</param>
/// <param name="Agreement">For each pixel, 255 where all turned views (and all teachers) say the same probability, 0 where half say 0 and half say 1.</param>
internal sealed record SoftMaps(NucleusMaps Maps, byte[] Agreement)
{
    private const int HvZero = 128;

    public int Width => Maps.Width;

    public int Height => Maps.Height;

    /// <summary>A part of the maps.</summary>
    public SoftMaps Part(int left, int top, int width, int height)
    {
        var part = new SoftMaps(new NucleusMaps(width, height), new byte[width * height]);
        Maps.CopyBlock(left, top, width, height, part.Maps, 0, 0);
        for (var y = 0; y < height; y++)
        {
            Agreement.AsSpan(((top + y) * Width) + left, width).CopyTo(part.Agreement.AsSpan(y * width));
        }

        return part;
    }

    /// <summary>
    /// Writes the maps as one 16-bit grey PNG of twice the height: above, probability (high byte) and agreement (low byte); below, horizontal and vertical
    /// map, each with 128 for 0 and 100 for one.
    /// </summary>
    public void Write(string path)
    {
        var image = new LabelImage(Width, 2 * Height);
        var plane = Width * Height;
        for (var i = 0; i < plane; i++)
        {
            image.Labels[i] = (Maps.Probability[i] << 8) | Agreement[i];
            image.Labels[plane + i] = ((Maps.Horizontal[i] + HvZero) << 8) | (Maps.Vertical[i] + HvZero);
        }

        LabelImageFile.WritePng(path, image);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="SlideException">The file is missing or damaged.</exception>
    public static SoftMaps Read(string path)
    {
        var image = LabelImageFile.Read(path);
        if (image.Height % 2 != 0)
        {
            throw new SlideException(path, "is no file of soft maps: its height is odd.");
        }

        var soft = new SoftMaps(new NucleusMaps(image.Width, image.Height / 2), new byte[image.Width * image.Height / 2]);
        for (var i = 0; i < soft.Agreement.Length; i++)
        {
            soft.Maps.Probability[i] = (byte)(image.Labels[i] >> 8);
            soft.Agreement[i] = (byte)image.Labels[i];
            var hv = image.Labels[soft.Agreement.Length + i];
            soft.Maps.Horizontal[i] = (sbyte)((hv >> 8) - HvZero);
            soft.Maps.Vertical[i] = (sbyte)((hv & 0xff) - HvZero);
        }

        return soft;
    }
}
