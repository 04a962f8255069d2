using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>
/// Segments a control picture with a model, the whole way to a file, and holds what is found against an expected result: after an installation, and every
/// morning. Without a picture of the laboratory's own it is the one that comes with the library (models/control/README.md).
/// </summary>
/// <param name="model">The network; stays the caller's.</param>
public sealed class ControlRun(NucleusModel model)
{
    private const string BuiltInPicture = "control.png";

    /// <summary>Pixel size of the picture that comes with the library.</summary>
    private static readonly Mpp _builtInMpp = new(0.25);

    /// <summary>A picture of the laboratory's own; null for the one that comes with the library.</summary>
    public string? Picture { get; init; }

    /// <summary>The picture's pixel size, where its file states none and no expected result tells it.</summary>
    public Mpp? Mpp { get; init; }

    /// <summary>Mirrored and turned views to average.</summary>
    public int Views { get; init; } = 1;

    /// <summary>Segments the picture and holds it against an expected result.</summary>
    /// <param name="expected">File of the expected result; null for the one that comes with a built-in model.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="IOException">The expected result can't be read, or there is none for this model.</exception>
    /// <exception cref="SlideException">The picture can't be read.</exception>
    public async Task<ControlReport> CompareAsync(string? expected, CancellationToken cancellation = default)
    {
        var known = expected is not null ? ControlResult.Read(expected)
            : Picture is null ? ControlResult.BuiltIn(model.Card.Name)
            : throw new IOException($"{Picture}: a picture of your own needs an expected result.");
        return known is null
            ? throw new IOException($"nothing is known of what the model {model.Card.Name} must find; save what it finds today as the expected result.")
            : ControlReport.Of(known, await FindAsync(new Mpp(known.Mpp), known.Views, cancellation));
    }

    /// <summary>Segments the picture and saves what is found as the expected result.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>How many nuclei were found.</returns>
    /// <exception cref="IOException">None were found, or the file can't be written.</exception>
    /// <exception cref="SlideException">The picture can't be read.</exception>
    public async Task<int> SaveAsync(string path, CancellationToken cancellation = default)
    {
        var found = await FindAsync(Mpp ?? (Picture is null ? _builtInMpp : null), Views, cancellation);
        if (found.Outlines.Count == 0)
        {
            throw new IOException($"{found.Picture}: no nuclei were found there, and a picture without nuclei controls nothing; choose another one.");
        }

        found.Write(path);
        return found.Outlines.Count;
    }

    private async Task<ControlResult> FindAsync(Mpp? mpp, int views, CancellationToken cancellation)
    {
        using var scratch = new ScratchFolder("control");
        var picture = Picture ?? BuiltIn(scratch);
        var job = new SlideJob(
            new SlideInput(picture, "control"),
            new ResultFolder(scratch.File("results"), new ResultOptions { Kinds = [ResultKind.GeoJson] }));
        var outcome = await job.RunAsync(model, new SegmentSettings { Views = views }, new SlideCalibrator { Stated = mpp }, progress: null, cancellation);
        return ControlResult.Of(model, picture, outcome.Manifest!, scratch.File("results/" + outcome.Manifest!.Outputs[0].File));
    }

    private static string BuiltIn(ScratchFolder scratch)
    {
        var path = scratch.File(BuiltInPicture);
        using var stream = typeof(ControlRun).Assembly.GetManifestResourceStream(BuiltInPicture)
            ?? throw new InvalidOperationException($"{BuiltInPicture} is missing from the library.");
        PartialFile.Write(path, stream.CopyTo);
        return path;
    }
}
