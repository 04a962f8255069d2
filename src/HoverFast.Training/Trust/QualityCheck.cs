using System.Text.Json;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Training.Trust;

/// <summary>Segments pictures, as they are and made worse, the way the program does, and reads what it says of their quality.</summary>
internal sealed class QualityCheck : IDisposable
{
    private static readonly ResultOptions _options = new() { Kinds = [ResultKind.Quality] };

    private readonly ScratchFolder _scratch = new("quality");
    private readonly NucleusModel _model;
    private readonly Stain _stain;

    /// <summary>Prepares the check.</summary>
    /// <param name="model">The built-in model's name.</param>
    /// <param name="stain">What the pictures are taken for.</param>
    public QualityCheck(string model, Stain stain) => (_model, _stain) = (NucleusModel.LoadBuiltIn(model), stain);

    /// <summary>What the program says of a picture or slide.</summary>
    /// <param name="path">The file.</param>
    /// <param name="given">Its pixel size, where it states none.</param>
    /// <param name="kind">What is done to it.</param>
    /// <param name="strength">How much.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="SlideException">It can't be read or segmented.</exception>
    public async Task<QualityReport> OfAsync(string path, Mpp given, Degradation kind, double strength, CancellationToken cancellation)
    {
        var folder = _scratch.File(Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        try
        {
            var (picture, mpp) = (path, given);
            using (var slide = Slide.Open(path))
            {
                mpp = slide.Calibration?.Mpp ?? given;
                if (kind is not (Degradation.None or Degradation.Scale))
                {
                    var whole = new RgbImage(slide.Levels[0].Size.Width, slide.Levels[0].Size.Height);
                    slide.Read(0, 1, new PixelRect(0, 0, whole.Width, whole.Height), whole);
                    picture = Path.Combine(folder, "picture.png");
                    var seed = NameSeed.Of(Path.GetFileName(path), 3);
                    RgbImageFile.WritePng(picture, DegradedPicture.Of(whole, kind, strength, seed));
                }
            }

            var calibrator = new SlideCalibrator { Stated = new Mpp(kind == Degradation.Scale ? mpp.MicronsPerPixel * strength : mpp.MicronsPerPixel) };
            using var segmenter = new SlideSegmenter(_model, new SegmentSettings { Threads = 1, Stain = _stain }, calibrator);
            var outcome = await segmenter.SegmentAsync(picture, folder, _options, null, cancellation);
            if (outcome.Error is { } error)
            {
                throw new SlideException(path, error.Message, error);
            }

            var json = Directory.EnumerateFiles(folder, "*.quality.json").Single();
            return JsonSerializer.Deserialize(await File.ReadAllTextAsync(json, cancellation), QualityJson.Relaxed.QualityReport)
                ?? throw new SlideException(path, "nothing was said of its quality.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        _scratch.Dispose();
    }
}
