using System.Runtime.CompilerServices;
using HoverFast.Evaluation;
using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast;

/// <summary>
/// Finds the nuclei of slides and pictures: to files, as a stream, or as a label image. One instance serves any number of slides, one after
/// the other; several instances may share a model. All work is done on threads of the pool: no caller's thread is held up, also where it may be asked to wait
/// for the result (a user interface's).
/// </summary>
public sealed class SlideSegmenter : IDisposable
{
    /// <summary>How long another run is waited for before its lock is looked at again.</summary>
    private static readonly TimeSpan _lookAgain = TimeSpan.FromSeconds(2);

    private readonly bool _owned;
    private readonly SlideCalibrator _calibrator;

    /// <summary>Prepares to segment.</summary>
    /// <param name="model">The network; it stays the caller's. Null loads the student that comes with the library.</param>
    /// <param name="settings">How slides are segmented; null for the defaults, which suit H&amp;E.</param>
    /// <param name="calibrator">Settles each slide's pixel size; null takes what the files state.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting lies outside of its range.</exception>
    public SlideSegmenter(NucleusModel? model = null, SegmentSettings? settings = null, SlideCalibrator? calibrator = null)
    {
        Settings = settings ?? new SegmentSettings();
        Settings.Check();
        Model = model ?? NucleusModel.LoadBuiltIn();
        _owned = model is null;
        _calibrator = calibrator ?? new SlideCalibrator();
    }

    /// <summary>The network.</summary>
    public NucleusModel Model { get; }

    /// <summary>How slides are segmented.</summary>
    public SegmentSettings Settings { get; }

    /// <summary>How much memory slides will take, about, and how many tiles are under way at once for it.</summary>
    public MemoryPlan Memory => MemoryPlan.For(Model, Settings);

    /// <summary>Segments one slide to files. A result that stands is kept; an interrupted one is gone on with.</summary>
    /// <param name="path">A slide or picture.</param>
    /// <param name="folder">Where the files go; made if it is missing.</param>
    /// <param name="results">Which files; null for the defaults.</param>
    /// <param name="progress">Is told after each tile, on one thread of the pool at a time.</param>
    /// <param name="cancellation">Stops the run; the next one goes on from the finished tiles.</param>
    /// <returns>Done or kept, with the manifest.</returns>
    /// <exception cref="SlideException">The slide can't be opened, calibrated or read.</exception>
    /// <exception cref="IOException">A file can't be written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">One of <paramref name="results"/> lies outside of its range.</exception>
    public Task<SlideOutcome> SegmentAsync(
        string path,
        string folder,
        ResultOptions? results = null,
        Action<SlideProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return SegmentAsync(SlideInputs.Of(path), folder, results, progress, cancellation);
    }

    /// <summary>Segments one input to files under the name that it was given.</summary>
    /// <inheritdoc cref="SegmentAsync(string, string, ResultOptions?, Action{SlideProgress}?, CancellationToken)"/>
    public Task<SlideOutcome> SegmentAsync(
        SlideInput input,
        string folder,
        ResultOptions? results = null,
        Action<SlideProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        results ??= new ResultOptions();
        results.Check();
        var job = new SlideJob(input, new ResultFolder(folder, results));
        return Task.Run(() => job.RunAsync(Model, Settings, _calibrator, progress, cancellation), CancellationToken.None);
    }

    /// <summary>Segments inputs one after the other: one that fails is told with its error, and the rest is done.</summary>
    /// <param name="inputs">The inputs (<see cref="SlideInputs.Expand"/>).</param>
    /// <param name="folder">Where the files go; made if it is missing.</param>
    /// <param name="results">Which files; null for the defaults.</param>
    /// <param name="progress">Is told after each tile of an input, on one thread of the pool at a time.</param>
    /// <param name="waiting">Is told of an input whose result another run is writing, before that run is waited for.</param>
    /// <param name="cancellation">Stops the batch; the next one keeps what is done and goes on.</param>
    /// <returns>What became of each input, in their order, as soon as it is known; those that another run is writing come last.</returns>
    public async IAsyncEnumerable<SlideOutcome> SegmentAllAsync(
        IEnumerable<SlideInput> inputs,
        string folder,
        ResultOptions? results = null,
        Action<SlideInput, SlideProgress>? progress = null,
        Action<SlideInput, ResultInUseException>? waiting = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        results ??= new ResultOptions();
        results.Check();
        var target = new ResultFolder(folder, results);
        target.Create();
        var inUse = new List<(SlideInput Input, ResultInUseException Error)>();
        foreach (var input in inputs)
        {
            cancellation.ThrowIfCancellationRequested();
            var outcome = await TryAsync(input).ConfigureAwait(false);
            if (outcome.Error is ResultInUseException busy)
            {
                inUse.Add((input, busy));
            }
            else
            {
                yield return outcome;
            }
        }

        // What other runs are writing comes last: by then it may be done, and is kept.
        foreach (var (input, error) in inUse)
        {
            waiting?.Invoke(input, error);
            var outcome = await TryAsync(input).ConfigureAwait(false);
            while (outcome.Error is ResultInUseException)
            {
                await Task.Delay(_lookAgain, cancellation).ConfigureAwait(false);
                outcome = await TryAsync(input).ConfigureAwait(false);
            }

            yield return outcome;
        }

        async Task<SlideOutcome> TryAsync(SlideInput input)
        {
            var job = new SlideJob(input, target);
            try
            {
                return await Task.Run(
                    () => job.RunAsync(Model, Settings, _calibrator, progress is null ? null : p => progress(input, p), cancellation),
                    CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // What nobody foresaw must not cost the rest of the batch either.
                return new SlideOutcome { Input = input, State = SlideState.Failed, Error = e, CanGoOn = e is not ResultInUseException && job.CanGoOn };
            }
        }
    }

    /// <summary>Segments a slide and hands out its nuclei one by one, as its tiles are finished; no file is written.</summary>
    /// <param name="path">A slide or picture.</param>
    /// <param name="cancellation">Stops it; leaving the loop does so too.</param>
    /// <returns>The nuclei that the files would hold, in their order.</returns>
    /// <exception cref="SlideException">The slide can't be opened, calibrated or read.</exception>
    public IAsyncEnumerable<DetectedNucleus> FindNucleiAsync(string path, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return NucleusStream.ReadAsync(() => Open(path, cancellation), cancellation);
    }

    /// <summary>Segments a picture into a label image in memory.</summary>
    /// <param name="path">A picture, or a slide small enough to hold in memory.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Labels at full resolution, of the slide's bounds: 0 is background, 1..N one nucleus each.</returns>
    /// <exception cref="SlideException">The slide can't be opened, calibrated or read.</exception>
    public Task<LabelImage> LabelAsync(string path, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(async () => (await PictureAsync(path, _calibrator, cancellation)).Labels, cancellation);
    }

    private async Task<PictureNuclei> PictureAsync(string path, SlideCalibrator calibrator, CancellationToken cancellation)
    {
        var nuclei = new List<TypedNucleus>();
        using var session = SlideSession.Open(path, Model, Settings, calibrator, cancellation);
        using var labels = new LabelImageOutput(path, new PixelSize(session.Slide.Bounds.Width, session.Slide.Bounds.Height), session.Calibration.Mpp);
        using var writer = new NucleusWriter([labels], []);
        await new SlideRun(session, journal: null).RunAsync(
            tile =>
            {
                for (var i = 0; i < tile.Nuclei.Count; i++)
                {
                    if (writer.Add(tile.Nuclei[i], tile.Measurements[i]))
                    {
                        nuclei.Add(new TypedNucleus(tile.Nuclei[i].Centroid, tile.Nuclei[i].Type));
                    }
                }

                return ValueTask.CompletedTask;
            },
            progress: null,
            cancellation);
        return new PictureNuclei(labels.Image, nuclei);
    }

    /// <summary>Segments labelled pictures and scores the result: Dice, AJI, DQ, SQ, PQ, F1, and nucleus types where truth and model have them.</summary>
    /// <param name="truth">Folder of label images (types/X.csv beside labels/X.png), of QuPath's GeoJSON, or of points with types.</param>
    /// <param name="pictures">Folder of the pictures, of the same names.</param>
    /// <param name="mpp">Their pixel size, whatever the files state.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">A file is missing or can't be read, or sizes differ.</exception>
    public Task<EvaluationReport> EvaluateAsync(string truth, string pictures, Mpp mpp, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(truth);
        ArgumentException.ThrowIfNullOrEmpty(pictures);
        IReadOnlyList<ModelCard.NucleusType> types = SlideSession.TellsTypes(Model.Card, Settings) ? [.. Model.Card.Types!.Skip(1)] : [];
        var given = new SlideCalibrator { Stated = mpp };
        return Task.Run(() => new ModelEvaluation(pictures, mpp, types, (p, c) => PictureAsync(p, given, c)).RunAsync(truth, cancellation), cancellation);
    }

    /// <summary>Estimates what segmenting a slide will take, from its tissue and a sample of its tiles; no file is left.</summary>
    /// <param name="path">A slide or picture.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">The slide can't be opened, calibrated or read.</exception>
    public Task<SlideEstimate> EstimateAsync(string path, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => SlideEstimator.EstimateAsync(() => Open(path, cancellation), cancellation), cancellation);
    }

    /// <summary>Disposes the model, where it is the segmenter's own.</summary>
    public void Dispose()
    {
        if (_owned)
        {
            Model.Dispose();
        }
    }

    private SlideSession Open(string path, CancellationToken cancellation) =>
        SlideSession.Open(path, Model, Settings, _calibrator, cancellation);
}
