using HoverFast.Jobs;
using HoverFast.Jobs.Finished;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tissue;

namespace HoverFast.Review.Fields;

/// <summary>A slide's result in a folder: its manifest and its file of nuclei.</summary>
internal sealed record SlideResult(string Folder, string Name, Manifest Manifest)
{
    /// <summary>All results of a folder, by name.</summary>
    /// <exception cref="ReviewException">There is no such folder.</exception>
    public static IReadOnlyList<SlideResult> In(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ReviewException($"{folder}: there is no such folder of results.");
        }

        return [.. FinishedResult.In(folder).Select(r => new SlideResult(folder, r.Name, r.Manifest))];
    }

    /// <summary>Pixel size of the outlines.</summary>
    public Mpp Mpp => new(Manifest.Slide.Mpp);

    /// <summary>The slide's extent, as outlines count it.</summary>
    public PixelRect Bounds => Manifest.Slide.Bounds;

    /// <summary>Hash of the file of nuclei.</summary>
    public string Sha256 => GeoJson.Sha256;

    /// <summary>Where the nuclei are.</summary>
    /// <exception cref="ReviewException">They were not written as GeoJSON, or are gone.</exception>
    public string NucleiPath => GeoJson.PathIn(Folder) is { } path && File.Exists(path) ? path
        : throw new ReviewException($"{Path.Combine(Folder, GeoJson.File)}: the nuclei of {Name} are gone; segment the slide again.");

    private ManifestFile GeoJson => Manifest.Outputs.FirstOrDefault(o => o.Kind == ResultKind.GeoJson)
        ?? throw new ReviewException($"{Name} has no GeoJSON, which a review works on. Segment the slide again and write GeoJSON.");

    /// <summary>Opens the slide that the result is of.</summary>
    /// <param name="slides">Where the slides lie.</param>
    /// <exception cref="ReviewException">It isn't there, or isn't the one.</exception>
    public ISlide OpenSlide(SlidePlaces slides)
    {
        var slide = slides.Open(Name, Manifest.Slide);
        try
        {
            if (slide.Levels[0].Size != new PixelSize(Manifest.Slide.Width, Manifest.Slide.Height) || slide.Bounds != Bounds)
            {
                throw new ReviewException(
                    $"{slide.Path}: has {slide.Levels[0].Size} pixels, and {Name} is the result of a slide of " +
                    $"{Manifest.Slide.Width} x {Manifest.Slide.Height}. It is another slide.");
            }

            return Manifest.Settings.ToSrgb ? SrgbSlide.Of(slide) : slide;
        }
        catch
        {
            slide.Dispose();
            throw;
        }
    }

    /// <summary>The fields whose nuclei were left out because of artefacts; null where none were.</summary>
    /// <exception cref="SlideException">The manifest's list can't be understood.</exception>
    public ArtefactFields? LeftOut => Manifest.LeftOut?.Read(Name, 1 / Mpp.MicronsPerPixel, Bounds);

    /// <summary>Where nuclei were looked for: found again as segmenting found it.</summary>
    public TissueMask TissueOf(ISlide slide, CancellationToken cancellation) =>
        SlideSession.TissueOf(slide, Mpp, Manifest.Settings.MaskFolder, Manifest.Settings.Region, ThreadCount.Available, cancellation);
}
