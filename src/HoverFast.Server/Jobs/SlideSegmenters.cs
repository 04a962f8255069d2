using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Server.Hosting;
using HoverFast.Slides;

namespace HoverFast.Server.Jobs;

/// <summary>Makes segmenters with the server's settings.</summary>
internal sealed class SlideSegmenters(ServerOptions options)
{
    /// <summary>A segmenter for a slide; the pixel size given to the server counts where the slide states none.</summary>
    /// <exception cref="SlideException">The slide can't be opened.</exception>
    public SlideSegmenter For(string path)
    {
        using var slide = Slide.Open(path);
        var settings = new SegmentSettings { Measurements = MeasurementChoice.All };
        return new SlideSegmenter(
            settings: options.Threads is { } threads ? settings with { Threads = threads } : settings,
            calibrator: new SlideCalibrator { Stated = StatedFor(slide) });
    }

    /// <summary>What <see cref="For"/> does, as options of <c>hoverfast segment</c>, and what settles the slide's pixel size.</summary>
    /// <exception cref="SlideException">The slide can't be opened, or has no pixel size.</exception>
    public (IReadOnlyList<string> Arguments, SlideCalibrator Calibrator) CommandFor(string path)
    {
        using var slide = Slide.Open(path);
        var stated = StatedFor(slide);
        var calibrator = new SlideCalibrator { Stated = stated };
        calibrator.Resolve(slide);
        var arguments = new List<string> { "--measurements", "all" };
        if (stated is not null)
        {
            arguments.AddRange(["--mpp", options.Mpp!.Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)]);
        }

        if (options.Threads is { } threads)
        {
            arguments.AddRange(["--threads", threads.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        }

        return (arguments, calibrator);
    }

    private Mpp? StatedFor(ISlide slide) => slide.Calibration is null && options.Mpp is { } mpp ? new Mpp(mpp) : null;
}
