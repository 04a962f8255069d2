using HoverFast.Server.Hosting;
using HoverFast.Slides;

namespace HoverFast.Server.Slides;

/// <summary>Small pictures of what was scanned, made once and kept beside the results.</summary>
internal sealed class Thumbnails(ServerOptions options, OpenSlides slides)
{
    private const int Side = 384;
    private readonly Lock _lock = new();

    /// <summary>A slide's thumbnail as JPEG.</summary>
    /// <exception cref="SlideException">The slide can't be read.</exception>
    public byte[] Of(SlideEntry entry)
    {
        // Those without "scan" in their name are of earlier versions, and show all of level 0.
        var path = Path.Combine(options.OwnFolder, "thumbnails", $"{entry.Id}-{entry.Stamp}-scan.jpg");
        if (File.Exists(path))
        {
            return File.ReadAllBytes(path);
        }

        // One at a time: a list of new slides must not take the machine from who looks at one.
        lock (_lock)
        {
            if (!File.Exists(path))
            {
                var image = slides.Use(entry, slide => slide.Thumbnail(Side));
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                RgbImageFile.WriteJpeg(path, image, 85);
            }
        }

        return File.ReadAllBytes(path);
    }
}
