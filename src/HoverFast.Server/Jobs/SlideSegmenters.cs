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
        var stated = slide.Calibration is null && options.Mpp is { } mpp ? (Mpp?)new Mpp(mpp) : null;
        var settings = new SegmentSettings { Measurements = MeasurementChoice.All };
        return new SlideSegmenter(
            settings: options.Threads is { } threads ? settings with { Threads = threads } : settings,
            calibrator: new SlideCalibrator { Stated = stated });
    }
}
