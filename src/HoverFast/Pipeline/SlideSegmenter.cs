using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Tiles;
using HoverFast.Tissue;

namespace HoverFast.Pipeline;

/// <summary>
/// Segments slides: opens, calibrates, looks for tissue, tiles it, runs the tiles through the main line and hands the nuclei to the
/// outputs, in an order that depends on nothing but the slide. Finished tiles are journalled; a run that was killed goes on from them and
/// comes to the same bytes.
/// </summary>
public sealed class SlideSegmenter
{
    /// <summary>
    /// Microns beyond a core that a nucleus of its own can reach: half of the longest. It adds to the network's receptive field.
    /// </summary>
    private const double NucleusReach = 20;

    /// <summary>Median areas, in square microns, outside of which the pixel size is probably wrong.</summary>
    private const double SmallestMedianArea = 12;
    private const double LargestMedianArea = 120;

    /// <summary>Nuclei below which a median says nothing.</summary>
    private const int FewNuclei = 50;

    /// <summary>Nuclei in a square millimetre below which hardly any tissue is, fat and cartilage included; and the tissue that it takes to say so.</summary>
    private const double SparsestTissue = 30;
    private const double EnoughTissue = 0.5;

    /// <summary>Tiles that an estimate is drawn from, in rows of neighbours.</summary>
    private const int SampleTiles = 16;
    private const int SampleNeighbours = 2;

    private readonly NucleusModel _model;
    private readonly SegmentSettings _settings;
    private readonly SlideCalibrator _calibrator;

    /// <summary>Prepares to segment any number of slides, one after the other.</summary>
    /// <param name="model">The network; stays the caller's.</param>
    /// <param name="settings">How.</param>
    /// <param name="calibrator">Settles each slide's pixel size; null to take what the files state.</param>
    /// <exception cref="ArgumentOutOfRangeException">The settings ask for no view, or for more than there are.</exception>
    public SlideSegmenter(NucleusModel model, SegmentSettings? settings = null, SlideCalibrator? calibrator = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _settings = settings ?? new SegmentSettings();
        ArgumentOutOfRangeException.ThrowIfLessThan(_settings.Views, 1, nameof(settings));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_settings.Views, TestTimeAugmentation.Most, nameof(settings));
        _calibrator = calibrator ?? new SlideCalibrator();
    }

    /// <summary>Segments a slide or picture.</summary>
    /// <param name="path">The file.</param>
    /// <param name="journalPath">Where finished tiles are kept while the slide is under way, or null to keep none.</param>
    /// <param name="openSinks">Opens the outputs; null from it means that the result is there already, and the slide is left alone.</param>
    /// <param name="progress">Is told after each tile, on one thread at a time.</param>
    /// <param name="cancellation">Stops the run; the journal stays.</param>
    /// <returns>The report, or null where the result was there already.</returns>
    /// <exception cref="SlideException">The slide can't be opened, calibrated or read.</exception>
    public async Task<SlideReport?> SegmentAsync(
        string path,
        string? journalPath,
        Func<SlideContext, IReadOnlyList<INucleusSink>?> openSinks,
        Action<SlideProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(openSinks);
        var start = Stopwatch.GetTimestamp();
        var clock = new StageClock();
        using var slide = Slide.Open(path);
        var calibration = _calibrator.Resolve(slide);
        var sampler = new SlideSampler(slide, calibration.Mpp, new Mpp(_model.Card.Mpp));
        var maskPath = _settings.MaskFolder is { } folder ? FindMask(folder, path) : null;
        var fingerprint = SlideFingerprint.Of(path);
        var key = Key(fingerprint, calibration, maskPath);
        var context = new SlideContext(slide, calibration, sampler.Grid, FindTissue(slide, calibration.Mpp, maskPath, cancellation), _model.Card, Convert.ToHexStringLower(key), fingerprint) { Engine = _model.Engine };
        var sinks = openSinks(context);
        if (sinks is null)
        {
            return null;
        }

        var warnings = new List<string>();
        var corrupt = new List<PixelRect>();
        var areas = new AreaHistogram();
        var um = calibration.Mpp.MicronsPerPixel;
        var tiles = Tiles(context);
        var done = 0;
        var resumed = 0;
        var seams = new SeamReconciler(tiles, context.Grid.Scale, -slide.Bounds.X, -slide.Bounds.Y);
        Journal? journal = null;
        try
        {
            journal = journalPath is null ? null : Journal.Open(journalPath, key);
            foreach (var tile in journal?.Replay(LimitsOf(context, tiles)) ?? [])
            {
                Take(seams.Reconcile(tile));
                resumed = done;
            }

            var steps = new SlideSteps(sampler, _model, context.Tissue, slide.Bounds, _settings);
            using (var pipeline = new TilePipeline(steps, new TilePipelineSettings(_settings.Threads, _settings.SkipCorrupt, _settings.TilesUnderWay), clock))
            {
                await pipeline.RunAsync(
                    WithinBudget(tiles.Skip(done)),
                    found =>
                    {
                        var tile = seams.Reconcile(found);
                        journal?.Append(tile);
                        Take(tile);
                    },
                    cancellation);
            }

            foreach (var sink in sinks)
            {
                sink.Complete();
            }

            journal?.Remove();
        }
        catch (Exception e) when (e is SlideException && done == 0)
        {
            // Nothing to go on from: the file itself is bad.
            journal?.Remove();
            throw;
        }
        finally
        {
            foreach (var sink in sinks)
            {
                sink.Dispose();
            }

            journal?.Dispose();
        }

        Warn(warnings, context, areas, corrupt);
        var area = _settings.Budget is null ? context.Tissue.AreaInSquareMillimetres : tiles.Take(done).Sum(t => context.Tissue.AreaIn(t.Core, context.Grid.Mpp));
        return new SlideReport
        {
            Nuclei = areas.Count,
            TissueArea = area,
            TissuePixels = area * 1e6 / (um * um),
            Tiles = tiles.Count,
            TilesResumed = resumed,
            MedianNucleusArea = areas.Median(),
            CorruptRegions = corrupt,
            Warnings = warnings,
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
            StageSeconds = clock.Seconds,
            IsPart = done < tiles.Count,
            Device = _model.Device,
            PeakMemory = PeakMemory.Bytes,
        };

        void Take(TileResult tile)
        {
            foreach (var sink in sinks)
            {
                sink.Write(tile);
            }

            foreach (var nucleus in tile.Nuclei)
            {
                areas.Add(nucleus.Area * um * um);
            }

            // A damaged region can reach into several tiles.
            corrupt.AddRange(tile.Corrupt.Where(region => !corrupt.Contains(region)));
            done++;
            progress?.Invoke(new SlideProgress(done, tiles.Count, resumed, areas.Count));
        }
    }

    /// <summary>
    /// Foretells what segmenting a slide will take, from its tissue and from a sample of its tiles that are segmented for the purpose, written and all.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="journalPath">Where finished tiles of the sample are kept, as segmenting would; null keeps none. The file is deleted.</param>
    /// <param name="openSinks">Opens outputs like those that segmenting will write; they take the sample. Null opens none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">The slide can't be opened, calibrated or read.</exception>
    public async Task<SlideEstimate> EstimateAsync(string path, string? journalPath = null, Func<SlideContext, IReadOnlyList<INucleusSink>>? openSinks = null, CancellationToken cancellation = default)
    {
        var start = Stopwatch.GetTimestamp();
        using var slide = Slide.Open(path);
        var calibration = _calibrator.Resolve(slide);
        var sampler = new SlideSampler(slide, calibration.Mpp, new Mpp(_model.Card.Mpp));
        var maskPath = _settings.MaskFolder is { } folder ? FindMask(folder, path) : null;
        var tissue = FindTissue(slide, calibration.Mpp, maskPath, cancellation);
        var fingerprint = SlideFingerprint.Of(path);
        var key = Key(fingerprint, calibration, maskPath);
        var context = new SlideContext(slide, calibration, sampler.Grid, tissue, _model.Card, Convert.ToHexStringLower(key), fingerprint) { Engine = _model.Engine };
        var tiles = Tiles(context);
        var overhead = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var sample = Sample(tiles);
        var sinks = openSinks?.Invoke(context) ?? [];
        var nuclei = 0L;
        Journal? journal = null;
        try
        {
            journal = journalPath is null ? null : Journal.Open(journalPath, key);
            using var pipeline = new TilePipeline(new SlideSteps(sampler, _model, tissue, slide.Bounds, _settings), new TilePipelineSettings(_settings.Threads, _settings.SkipCorrupt), new StageClock());

            // The first tiles of a run cost more, since the runtime compiles and the engine allocates: they are told apart and counted once.
            var first = await RunAsync(sample.Take(_settings.Threads));
            nuclei = 0;
            var steady = await RunAsync(sample);
            foreach (var sink in sinks)
            {
                sink.Complete();
            }

            var each = steady / Math.Max(1, Seen(sample));
            var area = sample.Sum(t => tissue.AreaIn(t.Core, context.Grid.Mpp));
            return new SlideEstimate(
                tissue.AreaInSquareMillimetres,
                tiles.Count,
                overhead + Math.Max(0, first - (each * Seen(sample.Take(_settings.Threads)))) + (each * Seen(tiles)),
                area > 0 ? (long)(nuclei * tissue.AreaInSquareMillimetres / area) : 0,
                PeakMemory.Bytes);

            // Tiles differ in size; their time goes with the pixels that the network sees.
            static double Seen(IEnumerable<Tile> some) => some.Sum(t => (double)t.Input.Width * t.Input.Height);

            async Task<double> RunAsync(IEnumerable<Tile> some)
            {
                var begin = Stopwatch.GetTimestamp();
                await pipeline.RunAsync(
                    some,
                    tile =>
                    {
                        journal?.Append(tile);
                        foreach (var sink in sinks)
                        {
                            sink.Write(tile);
                        }

                        nuclei += tile.Nuclei.Count;
                    },
                    cancellation);
                return Stopwatch.GetElapsedTime(begin).TotalSeconds;
            }
        }
        finally
        {
            journal?.Remove();
            foreach (var sink in sinks)
            {
                sink.Dispose();
            }
        }
    }

    /// <summary>Short rows of neighbours from all over the slide: neighbours share what was read, as they do in a whole run.</summary>
    private List<Tile> Sample(IReadOnlyList<Tile> tiles)
    {
        var rows = Math.Max((_settings.Threads + 1) / 2, Math.Min(SampleTiles, tiles.Count / 4) / SampleNeighbours) + 1;
        if (tiles.Count <= rows * SampleNeighbours)
        {
            return [.. tiles];
        }

        return
        [
            .. Enumerable.Range(0, rows)
                .SelectMany(r => Enumerable.Range((int)((r + 0.5) * (tiles.Count - SampleNeighbours) / rows), SampleNeighbours))
                .Distinct()
                .Select(i => tiles[i]),
        ];
    }

    private JournalLimits LimitsOf(SlideContext context, IReadOnlyList<Tile> tiles) => new(
        tiles.Count,
        NucleusMeasurements.NamesOf(_settings.Measurements, _settings.Stain).Count,
        context.Slide.Levels[0].Size,
        context.Slide.Bounds,
        (tiles.Select(t => Math.Max(t.Input.Width, t.Input.Height)).DefaultIfEmpty().Max() + 1) * context.Grid.Scale);

    private IEnumerable<Tile> WithinBudget(IEnumerable<Tile> tiles)
    {
        var start = Stopwatch.GetTimestamp();
        return _settings.Budget is { } budget ? tiles.TakeWhile((_, i) => i < _settings.Threads || Stopwatch.GetElapsedTime(start) < budget) : tiles;
    }

    private static string FindMask(string folder, string path) =>
        MaskImage.Find(folder, path) ?? throw new SlideException(path, $"has no mask in {folder}; call it {Path.GetFileNameWithoutExtension(path)}.png.");

    private static void Warn(List<string> warnings, SlideContext context, AreaHistogram areas, List<PixelRect> corrupt)
    {
        if (context.Tissue.IsEmpty)
        {
            warnings.Add("No tissue was found.");
        }

        if (areas.Count >= FewNuclei && areas.Median() is { } median and (< SmallestMedianArea or > LargestMedianArea))
        {
            warnings.Add($"The median nucleus has {median:0.#} um2, outside of {SmallestMedianArea} to {LargestMedianArea}: the pixel size {context.Calibration.Mpp} ({context.Calibration.Source}) may be wrong. Give it with --mpp.");
        }

        if (context.Tissue.AreaInSquareMillimetres is var tissue and >= EnoughTissue && areas.Count < SparsestTissue * tissue)
        {
            warnings.Add($"Only {areas.Count} nuclei were found in {tissue:0.0} mm2 of tissue: the pixel size {context.Calibration.Mpp} ({context.Calibration.Source}) may be wrong (give it with --mpp), or the slide is blurred or of another stain.");
        }

        if (corrupt.Count > 0)
        {
            warnings.Add($"{corrupt.Count} damaged regions were taken as blank.");
        }
    }

    private byte[] Key(string fingerprint, SlideCalibration calibration, string? maskPath)
    {
        // Another device rounds otherwise.
        var device = _model.Device == ComputeDevice.Cpu ? "" : $"; device {_model.Device}";
        var version = typeof(SlideSegmenter).Assembly.GetName().Version;
        return SHA256.HashData(Encoding.UTF8.GetBytes($"{version}; slide {fingerprint}; mpp {calibration.Mpp.MicronsPerPixel:R}; model {_model.Identity}; engine {_model.EngineKey}{device}; {_settings.Fingerprint(maskPath)}"));
    }

    private TissueMask FindTissue(ISlide slide, Mpp mpp, string? maskPath, CancellationToken cancellation)
    {
        var size = slide.Levels[0].Size;
        var region = _settings.Region is { } file ? AnnotationRegion.Read(file, size, slide.Bounds, mpp) : null;
        if (maskPath is not null)
        {
            var mask = MaskImage.Read(maskPath, size, mpp);
            return region is null ? mask : mask.And(region);
        }

        // Who draws a region has looked at it: nothing in it is left out.
        return region ?? TissueDetector.Detect(slide, mpp, _settings.Threads, cancellation);
    }

    private IReadOnlyList<Tile> Tiles(SlideContext context)
    {
        var grid = GridFor(_model.Card, _settings, context.Grid.FromFullResolution(context.Slide.Bounds));
        return grid.Tiles(context.Tissue, context.Grid.Mpp, whole: _model.Card.FixedInput is not null);
    }

    /// <summary>The tiles' grid over an area of the working grid.</summary>
    internal static TileGrid GridFor(ModelCard card, SegmentSettings settings, WorkingRect area)
    {
        var halo = Math.Max(card.Margin, SlideSteps.EffectiveRadius(card)) + (int)Math.Ceiling(NucleusReach / card.Mpp);
        var size = Math.Max(settings.TileSize, (2 * halo) + (4 * card.Stride));
        return new TileGrid(area, size, halo, card.Stride, settings.GridOffset);
    }
}
