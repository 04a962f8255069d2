using System.Diagnostics;
using System.Globalization;
using HoverFast.Model;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Pipeline;

/// <summary>
/// Runs the tiles of a slide through the main line and parts the seams. Finished tiles are journalled; a run that was killed goes on from them
/// and comes to the same nuclei in the same order.
/// </summary>
internal sealed class SlideRun
{
    /// <summary>Median areas, in square microns, outside of which the pixel size is probably wrong.</summary>
    private const double SmallestMedianArea = 12;
    private const double LargestMedianArea = 120;

    /// <summary>Nuclei below which a median says nothing.</summary>
    private const int FewNuclei = 50;

    /// <summary>Nuclei in a square millimetre below which hardly any tissue is, fat and cartilage included; and the tissue that it takes to say so.</summary>
    private const double SparsestTissue = 30;
    private const double EnoughTissue = 0.5;

    /// <summary>Share of the own tissue below which a slide is told to be mixed.</summary>
    private const double MostlyOwn = 0.75;

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly SlideSession _session;
    private readonly Journal? _journal;
    private readonly StageClock _clock = new();
    private readonly AreaHistogram _areas = new();
    private readonly FieldMap _fields = new();
    private readonly List<PixelRect> _corrupt = [];
    private IReadOnlyList<Tile> _tiles = [];
    private int _resumed;
    private long _found;
    private LeftOut? _left;
    private SlideQuality? _quality;

    /// <summary>Prepares the run.</summary>
    /// <param name="session">The slide.</param>
    /// <param name="journal">Finished tiles of an earlier run, and where this one's are kept; or null.</param>
    public SlideRun(SlideSession session, Journal? journal)
    {
        _session = session;
        _journal = journal;
    }

    /// <summary>Whether the maps of each tile's core are handed on; tiles of the journal have none.</summary>
    public bool KeepsMaps { get; init; }

    /// <summary>A second model, whose disagreement is part of the maps; or null.</summary>
    public NucleusModel? Second { get; init; }

    /// <summary>
    /// Whether nuclei in fields with artefacts are left out. What a field holds is known only once all tiles are: nuclei then are handed on from the journal,
    /// after the last tile.
    /// </summary>
    public bool ExcludesArtefacts { get; init; }

    /// <summary>Tiles finished so far, those of the journal included.</summary>
    public int TilesDone { get; private set; }

    /// <summary>Runs all tiles.</summary>
    /// <param name="write">Takes each tile's nuclei, in the grid's order, on one thread at a time; the run waits for it.</param>
    /// <param name="progress">Is told after each tile, on one thread at a time.</param>
    /// <param name="cancellation">Stops the run; the journal stays.</param>
    /// <exception cref="SlideException">The slide can't be read.</exception>
    public async Task RunAsync(Func<TileResult, ValueTask> write, Action<SlideProgress>? progress, CancellationToken cancellation)
    {
        _tiles = _session.Tiles(cancellation);
        var steps = _session.Steps(cancellation, KeepsMaps, Second);
        var seams = steps.Seams(_tiles);
        foreach (var tile in _journal?.Replay(Limits()) ?? [])
        {
            await TakeAsync(seams.Reconcile(tile));
            _resumed = TilesDone;
        }

        var pipeline = new TilePipeline(steps, TilePipelineSettings.For(_session, Second, KeepsMaps), _clock);
        await pipeline.RunAsync(
            WithinBudget(_tiles.Skip(TilesDone)),
            found =>
            {
                var tile = seams.Reconcile(found);
                _journal?.Append(tile);
                return TakeAsync(tile);
            },
            cancellation);
        if (ExcludesArtefacts)
        {
            await WriteOthersAsync(write, cancellation);
        }

        async ValueTask TakeAsync(TileResult tile)
        {
            _found += tile.Nuclei.Count;
            await (ExcludesArtefacts ? write(tile with { Nuclei = [], Measurements = [] }) : HandOnAsync(tile, write));
            _fields.Add(tile.Fields);

            // A damaged region can reach into several tiles.
            _corrupt.AddRange(tile.Corrupt.Where(region => !_corrupt.Contains(region)));
            TilesDone++;
            progress?.Invoke(new SlideProgress(TilesDone, _tiles.Count, _resumed, _found));
        }
    }

    private async ValueTask HandOnAsync(TileResult tile, Func<TileResult, ValueTask> write)
    {
        await write(tile);
        var um = _session.Calibration.Mpp.MicronsPerPixel;
        foreach (var nucleus in tile.Nuclei)
        {
            _areas.Add(nucleus.Area * um * um);
        }
    }

    /// <summary>Hands on the nuclei of all fields without artefacts.</summary>
    private async Task WriteOthersAsync(Func<TileResult, ValueTask> write, CancellationToken cancellation)
    {
        var (artefacts, bounds) = (new SlideArtefacts(_fields, QualityJudge.BuiltIn), _session.Slide.Bounds);
        var scale = _session.Grid.Scale / _session.Grid.Mpp.MicronsPerPixel;
        var left = _fields.Fields.Where(f => f[FieldNumber.Stained] >= QualityJudge.FewPixels)
            .Select(f => (Field: f, Artefacts: artefacts.Of(f)))
            .Where(f => f.Artefacts.Count > 0)
            .ToList();
        var fields = ArtefactFields.Of(left.Select(f => f.Field), scale, -bounds.X, -bounds.Y);
        foreach (var tile in _journal!.Replay(Limits()))
        {
            cancellation.ThrowIfCancellationRequested();
            await HandOnAsync(tile.Without(fields), write);
        }

        var um = _session.Grid.Mpp.MicronsPerPixel;
        _left = new LeftOut(
            fields,
            _found - _areas.Count,
            left.Sum(f => f.Field[FieldNumber.Pixels]) * FieldGatherer.PixelsASample * um * um / 1e6,
            left.SelectMany(f => f.Artefacts)
                .GroupBy(a => a, StringComparer.Ordinal)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal));
    }

    /// <summary>What was left out because of artefacts; null where that was not asked for, or tiles are missing.</summary>
    public LeftOut? LeftOut => _left;

    /// <summary>What was seen in the fields of the tiles that are finished.</summary>
    public FieldMap Fields => _fields;

    /// <summary>What is to be expected of the slide; to be asked once the tiles are finished.</summary>
    public SlideQuality Quality => _quality ??=
        QualityJudge.BuiltIn.Judge(_fields.Total(_left?.Fields)).WithBlocking(BlockingSample.Of(_session, _tiles));

    /// <summary>What the run came to.</summary>
    public SlideReport Report()
    {
        var um = _session.Calibration.Mpp.MicronsPerPixel;
        var tissue = _session.Tissue();
        var area = _session.Settings.Budget is null
            ? tissue.AreaInSquareMillimetres
            : _tiles.Take(TilesDone).Sum(t => tissue.AreaIn(t.Core, _session.Grid.Mpp));
        return new SlideReport
        {
            Nuclei = _areas.Count,
            TissueArea = area,
            TissuePixels = area * 1e6 / (um * um),
            Tiles = _tiles.Count,
            TilesResumed = _resumed,
            MedianNucleusArea = _areas.Median(),
            CorruptRegions = _corrupt,
            Warnings = [.. Warnings(Quality)],
            Quality = Quality,
            LeftOut = _left,
            Seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds,
            StageSeconds = _clock.Seconds,
            IsPart = TilesDone < _tiles.Count,
            Device = _session.Model.Device,
            PeakMemory = PeakMemory.Bytes,
        };
    }

    /// <summary>What a record of this slide's journal can hold at most.</summary>
    private JournalLimits Limits() => new(
        _tiles.Count,
        _session.MeasurementNames.Count,
        _session.Slide.Levels[0].Size,
        _session.Slide.Bounds,
        (_tiles.Select(t => Math.Max(t.Input.Width, t.Input.Height)).DefaultIfEmpty().Max() + 1) * _session.Grid.Scale,
        _session.Calibration.Mpp.MicronsPerPixel);

    private IEnumerable<Tile> WithinBudget(IEnumerable<Tile> tiles)
    {
        var start = Stopwatch.GetTimestamp();
        var settings = _session.Settings;
        return settings.Budget is { } budget ? tiles.TakeWhile((_, i) => i < settings.Threads || Stopwatch.GetElapsedTime(start) < budget) : tiles;
    }

    private IEnumerable<SlideWarning> Warnings(SlideQuality quality)
    {
        var tissue = _session.Tissue();
        var (mpp, source) = _session.Calibration;
        if (_session.Calibration.Overridden is { } file)
        {
            yield return new(SlideWarningKind.PixelSizeOverridden, $"The file states {file.Mpp} ({file.Source}); {mpp} was given and is taken.");
        }

        if (tissue.IsEmpty)
        {
            yield return new(SlideWarningKind.NoTissue, "No tissue was found.");
        }

        if (_areas.Count >= FewNuclei && _areas.Median() is { } median and (< SmallestMedianArea or > LargestMedianArea))
        {
            yield return new(
                SlideWarningKind.PixelSize,
                $"The median nucleus has {median:0.#} um2, outside of {SmallestMedianArea} to {LargestMedianArea}: the pixel size {mpp} ({source}) may be wrong.");
        }

        // Nuclei that were left out are in no count, so their tissue isn't either.
        if (tissue.AreaInSquareMillimetres - (_left?.Area ?? 0) is var area and >= EnoughTissue && _areas.Count < SparsestTissue * area)
        {
            yield return new(
                SlideWarningKind.PixelSize,
                $"Only {_areas.Count} nuclei were found in {area:0.0} mm2 of tissue: the pixel size {mpp} ({source}) may be wrong, or the slide is blurred or of another stain.");
        }

        if (OtherTissue() is { } other)
        {
            yield return new(SlideWarningKind.OtherTissue, other);
        }

        // What was fitted to our students says little of other networks.
        if (!tissue.IsEmpty && MatchCalibration.IsFittedTo(_session.Weights().Model.Card) && quality.Warning is { } warning)
        {
            yield return new(SlideWarningKind.Quality, warning);
        }
        else if (quality.IsCompressed)
        {
            yield return new(SlideWarningKind.Quality, "The slide is strongly compressed, so that the blocks of JPEG show: look at the outlines.");
        }

        if (_left is { Fields.Count: > 0 } left)
        {
            var reasons = string.Join(", ", left.Reasons.Select(r => $"{r.Key} {r.Value}"));
            yield return new(
                SlideWarningKind.Artefacts,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{left.Fields.Count} fields ({left.Area:0.##} mm2) with {left.Nuclei} nuclei are left out because of artefacts ({reasons})."));
        }

        if (_corrupt.Count > 0)
        {
            yield return new(SlideWarningKind.Damage, $"{_corrupt.Count} damaged regions were taken as blank.");
        }
    }

    /// <summary>What is to be said of the weights that segmented; null for nothing.</summary>
    private string? OtherTissue()
    {
        var (model, chosen) = (_session.Model, _session.Weights());
        if (model.Start is null || _session.Settings.Weights != WeightChoice.Auto || _tiles.Count == 0)
        {
            return null;
        }

        if (chosen.OwnShare is not { } share)
        {
            return $"Too little tissue was seen to know it by: the weights of {chosen.Model.Card.Name} segmented it.";
        }

        var seen = string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} % of the tissue looked at ({chosen.Places} places)");
        return chosen.Model != model ? $"Only {seen} looks like the tiles that {model.Card.Name} was adapted to: the weights of {chosen.Model.Card.Name} segmented it."
            : share < MostlyOwn ? $"{seen} looks like the tiles that {model.Card.Name} was adapted to, so that its weights segmented all of it."
            : null;
    }
}
