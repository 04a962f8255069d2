using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Data;

namespace HoverFast.Training.Adaptation;

/// <summary>Takes from labelled pictures the crops that a <see cref="RehearsalPack"/> keeps.</summary>
internal static class CropSelection
{
    /// <summary>Steps in which a crop is moved over its picture.</summary>
    private const int Places = 4;

    /// <summary>A few pictures of each organ or patient, evenly over their names.</summary>
    /// <param name="images">All pictures.</param>
    /// <param name="perGroup">Pictures of each organ or patient.</param>
    /// <param name="groupOf">The organ or patient by the picture's name.</param>
    public static IEnumerable<LabelledImage> Spread(IEnumerable<LabelledImage> images, int perGroup, Func<string, string> groupOf)
    {
        foreach (var group in images.GroupBy(i => groupOf(i.Name)).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var members = group.OrderBy(i => i.Name, StringComparer.Ordinal).ToList();
            var count = Math.Min(perGroup, members.Count);
            for (var i = 0; i < count; i++)
            {
                yield return members[(int)((i + 0.5) * members.Count / count)];
            }
        }
    }

    /// <summary>The part of a picture with the most nuclei; all of it where it is not larger.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="side">Side of the part in the picture's pixels.</param>
    public static PixelRect DensestPart(LabelledImage image, int side)
    {
        var (width, height) = (Math.Min(side, image.Image.Width), Math.Min(side, image.Image.Height));
        var (best, most) = (new PixelRect(0, 0, width, height), -1);
        for (var row = 0; row < Places; row++)
        {
            for (var column = 0; column < Places; column++)
            {
                var (x, y) = ((image.Image.Width - width) * column / (Places - 1), (image.Image.Height - height) * row / (Places - 1));
                var count = image.Instances.Values.Count(n =>
                    n.Centroid.X >= x && n.Centroid.X < x + width && n.Centroid.Y >= y && n.Centroid.Y < y + height);
                if (count > most)
                {
                    (best, most) = (new PixelRect(x, y, width, height), count);
                }
            }
        }

        return best;
    }

    /// <summary>A part of a labelled picture; its nuclei are numbered anew.</summary>
    public static LabelledImage Cut(LabelledImage image, PixelRect part) => new(image.Name, Cut(image.Image, part), Cut(image.Labels, part), image.Mpp)
    {
        Unsure = image.Unsure is { } unsure ? Cut(unsure, part) : null,
    };

    /// <summary>A part of a picture.</summary>
    public static RgbImage Cut(RgbImage image, PixelRect part)
    {
        var cut = new RgbImage(part.Width, part.Height);
        for (var y = 0; y < part.Height; y++)
        {
            image.Row(part.Y + y).Slice(part.X * 3, part.Width * 3).CopyTo(cut.Row(y));
        }

        return cut;
    }

    /// <summary>A part of a label image, numbered anew in scan order.</summary>
    public static LabelImage Cut(LabelImage labels, PixelRect part)
    {
        var cut = new LabelImage(part.Width, part.Height);
        var numbers = new Dictionary<int, int> { [0] = 0 };
        for (var i = 0; i < cut.Labels.Length; i++)
        {
            var label = labels.Labels[((part.Y + (i / part.Width)) * labels.Width) + part.X + (i % part.Width)];
            if (!numbers.TryGetValue(label, out var number))
            {
                numbers[label] = number = numbers.Count;
            }

            cut.Labels[i] = number;
        }

        return cut;
    }
}
