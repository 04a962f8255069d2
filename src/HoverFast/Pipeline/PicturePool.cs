using System.Collections.Concurrent;
using HoverFast.Slides;

namespace HoverFast.Pipeline;

/// <summary>Keeps the memory of tiles for the next ones: fresh pages are dear. Thread safe.</summary>
internal sealed class PicturePool
{
    private readonly ConcurrentBag<RgbImage> _free = [];

    /// <summary>A picture of the given size; its pixels are whatever was there before.</summary>
    public RgbImage Rent(int width, int height) =>
        _free.TryTake(out var picture) && picture.Pixels.Length >= width * height * 3
            ? new RgbImage(width, height, picture.Pixels)
            : new RgbImage(width, height);

    /// <summary>Gives a picture back; its owner must not touch it any more.</summary>
    public void Return(RgbImage picture) => _free.Add(picture);
}
