using System.Collections.Concurrent;
using HoverFast.Model;
using HoverFast.Model.Engine;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Tiles;
using HoverFast.Tissue;

namespace HoverFast.Pipeline;

/// <summary>The steps of the main line on a real slide with a real network.</summary>
internal sealed class SlideSteps : ITileSteps
{
    /// <summary>Rows of a band's core, about: fewer take less memory and look at more of the halos twice.</summary>
    public const int BandRows = 480;

    private readonly SlideSampler _sampler;
    private readonly NucleusModel _model;
    private readonly TissueMask _tissue;
    private readonly PixelRect _bounds;
    private readonly Stain _stain;
    private readonly int _views;
    private readonly NucleusMeasurements _measurements;
    private readonly Func<TileFinder> _makeFinder;

    // A finder keeps buffers and serves one thread at a time. In a bag they would be kept as long as the threads live, and the slide with them: its threads
    // hold what is in it, and finders lead back to it.
    private readonly ConcurrentStack<TileFinder> _finders = [];

    public SlideSteps(SlideSampler sampler, NucleusModel model, TissueMask tissue, PixelRect bounds, SegmentSettings settings)
    {
        _sampler = sampler;
        _model = model;
        _tissue = tissue;
        _bounds = bounds;
        _stain = settings.Stain;
        _views = settings.Views;
        _measurements = new NucleusMeasurements(settings.Measurements, settings.Stain, sampler.Grid.Mpp, SlideSession.TellsTypes(model.Card, settings));
        TypeRule? types = SlideSession.TellsTypes(model.Card, settings) ? TypeRule.Of(model.Card) : null;
        _makeFinder = () => new TileFinder(sampler.Grid, model.Card, settings.Finder, IsInTissue, types) { Observer = Observer };
    }

    /// <summary>Is told each nucleus with its evidence, for who fits the calibration; set before the first tile.</summary>
    internal Action<Nucleus, double[]>? Observer { get; set; }

    /// <summary>Whether the maps of each tile's core are handed on; set before the first tile.</summary>
    internal bool KeepsMaps { get; init; }

    /// <summary>A second model, whose disagreement is part of the maps then; set before the first tile.</summary>
    internal SecondOpinion? Second { get; init; }

    /// <summary>Bands are as many for all ways to run one network, so that they all come to the same nuclei.</summary>
    public IReadOnlyList<Tile> Bands(Tile tile) => _model.RunsInBands ? tile.InBands(BandRows, _model.Card.Stride) : [tile];

    public IBandNetwork? StartBands(WorkingRect rect) =>
        !KeepsMaps && _views == 1 && _model.StartBands(rect.Width, rect.Height) is { } run ? new BandNetwork(this, rect, run) : null;

    public void Read(WorkingRect rect, RgbImage destination) => _sampler.Read(rect, destination);

    public NucleusMaps Infer(RgbImage tile, WorkingRect rect) => SlideBorder.Run(
        tile,
        rect,
        _sampler.Grid,
        picture => _model.Run(
            HaematoxylinPicture.ShownIn(_stain, picture),
            _views,
            tellsDisagreement: KeepsMaps && Second is null),
        _model.Card.Margin,
        _model.Card.OutputStride);

    /// <summary>
    /// Pixels beyond which the picture hardly counts for the network: half of its theoretical reach (Luo et al., Understanding the effective
    /// receptive field, NeurIPS 2016). What it still counts for beyond changes few nuclei in ten thousand (docs/whole-slides.md).
    /// </summary>
    public static int EffectiveRadius(ModelCard card) => Math.Max(card.ReceptiveRadius / 2, Math.Min(card.ReceptiveRadius, 16));

    public FoundNuclei Find(NucleusMaps maps, RgbImage picture, Tile tile)
    {
        var finder = _finders.TryPop(out var free) ? free : _makeFinder();
        var found = finder.Find(maps, picture, tile);
        _finders.Push(finder);
        return found;
    }

    /// <summary>Reads a tile and finds its nuclei and fields, for who wants no more of it. It is looked at whole.</summary>
    /// <exception cref="SlideException">It can't be read.</exception>
    public FoundNuclei Look(Tile tile)
    {
        var picture = new RgbImage(tile.Input.Width, tile.Input.Height);
        Read(tile.Input, picture);
        var maps = Infer(picture, tile.Input);
        var found = Find(maps, picture, tile);
        Finish(maps, tile);
        return found;
    }

    public MapBlock? Finish(NucleusMaps maps, Tile tile)
    {
        var kept = KeepsMaps ? CoreOf(maps, tile) : null;
        _model.Recycle(maps);
        return kept;
    }

    private MapBlock CoreOf(NucleusMaps maps, Tile tile)
    {
        var (core, stride) = (tile.Core, _model.Card.OutputStride);
        var (left, top) = (core.X - tile.Input.X - _model.Card.Margin, core.Y - tile.Input.Y - _model.Card.Margin);
        var block = MapBlock.Of(maps, left / stride, top / stride, core.Width / stride, core.Height / stride, core.X / stride, core.Y / stride);
        return Second is null ? block : block with { Disagreement = Second.Disagreement(block, _sampler.Grid.Scale * stride) };
    }

    public bool IsInTissue(double workingX, double workingY)
    {
        // At the slide's border a centroid can lie outside by a fraction of a pixel.
        var size = _sampler.Grid.Size;
        var mpp = _sampler.Grid.Mpp.MicronsPerPixel;
        return _tissue.Contains(Math.Clamp(workingX, 0, size.Width - 0.5) * mpp, Math.Clamp(workingY, 0, size.Height - 0.5) * mpp);
    }

    public float[] Measure(RgbImage tile, Nucleus nucleus, WorkingRect input)
    {
        // Cut off as its outline is.
        var (width, height) = (_sampler.Grid.FullResolution.Width / _sampler.Grid.Scale, _sampler.Grid.FullResolution.Height / _sampler.Grid.Scale);
        return _measurements.Measure(tile, nucleus.Clipped(-input.X, -input.Y, (float)(width - input.X), (float)(height - input.Y)));
    }

    public Nucleus ToSlide(Nucleus nucleus, WorkingRect input)
    {
        var (x, y) = _sampler.Grid.ToFullResolution(input.X, input.Y);
        var full = _sampler.Grid.FullResolution;
        return nucleus
            .Transformed(_sampler.Grid.Scale, x - _bounds.X, y - _bounds.Y)
            .Clipped(-_bounds.X, -_bounds.Y, full.Width - _bounds.X, full.Height - _bounds.Y);
    }

    public SeamReconciler Seams(IReadOnlyList<Tile> tiles) => new(tiles, _sampler.Grid.Scale, -_bounds.X, -_bounds.Y);

    /// <summary>A student on its way down a tile.</summary>
    private sealed class BandNetwork(SlideSteps steps, WorkingRect rect, BandRun run) : IBandNetwork
    {
        public int OutputStride => run.OutputStride;

        public bool TellsTypes => run.TellsTypes;

        public (int Made, int Needed) Reach(int row) => run.Reach(row);

        public void Infer(RgbImage picture, NucleusMaps maps, int top, int to)
        {
            var rows = rect with { Y = rect.Y + top, Height = picture.Height };
            SlideBorder.Run(picture, rows, steps._sampler.Grid, GoOn, margin: 0, run.OutputStride);

            NucleusMaps GoOn(RgbImage mirrored)
            {
                run.GoOn(HaematoxylinPicture.ShownIn(steps._stain, mirrored), top, maps, top, to);
                return maps;
            }
        }

        public void Dispose() => run.Dispose();
    }
}
