using System.Numerics;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Pipeline;

/// <summary>Finds the nuclei of tiles, judges each and sums up what the tile's fields look like. Keeps buffers and serves one thread at a time.</summary>
internal sealed class TileFinder
{
    private readonly WorkingGrid _grid;
    private readonly ModelCard _card;
    private readonly Func<double, double, bool> _isTissue;
    private readonly NucleusFinder _finder;
    private readonly EvidenceGatherer _evidence;
    private readonly FieldGatherer _fields;
    private readonly MatchCalibration _calibration;
    private readonly double _leastMatch;
    private double[] _rows = [];
    private bool[] _kept = [];

    /// <summary>Makes a finder.</summary>
    /// <param name="grid">The working grid.</param>
    /// <param name="card">The network's card.</param>
    /// <param name="settings">How maps become nuclei.</param>
    /// <param name="isTissue">Whether a point of the working grid is looked at.</param>
    /// <param name="types">How a nucleus comes by its type; null where types aren't told.</param>
    public TileFinder(WorkingGrid grid, ModelCard card, FinderSettings settings, Func<double, double, bool> isTissue, TypeRule? types = null)
    {
        settings = settings.Settled(MatchCalibration.HoldsFor(card));
        _leastMatch = settings.MinMatchProbability!.Value;
        var mapMpp = new Mpp(grid.Mpp.MicronsPerPixel * card.OutputStride);
        (_grid, _card, _isTissue) = (grid, card, isTissue);
        _finder = new NucleusFinder(mapMpp, settings, types);
        _evidence = new EvidenceGatherer(mapMpp);
        _fields = new FieldGatherer(grid.Mpp);
        _calibration = MatchCalibration.Of(card);
    }

    /// <summary>Takes each tile's nuclei with their evidence, those left out too, for who fits the calibration.</summary>
    internal Action<Nucleus, double[]>? Observer { get; init; }

    /// <summary>
    /// The part of a tile's maps that nuclei are found on, and the tile pixels to the left of and above it. What the network's own padding at the tile's edge can
    /// have touched is cut off: no nucleus of the core reaches there.
    /// </summary>
    public static (MapArea Area, int Offset) AreaOf(ModelCard card, NucleusMaps maps)
    {
        var cut = Math.Max(0, SlideSteps.EffectiveRadius(card) - card.Margin) / card.OutputStride;
        return (MapArea.Inside(maps, cut), card.Margin + (cut * card.OutputStride));
    }

    /// <summary>
    /// Finds the nuclei of a tile that are likely enough: those in tissue with their centroid in its own area or within <see cref="SeamReconciler.Overlap"/> of
    /// it.
    /// </summary>
    /// <param name="maps">Its maps.</param>
    /// <param name="picture">The tile in its own colours.</param>
    /// <param name="tile">Where it lies.</param>
    public FoundNuclei Find(NucleusMaps maps, RgbImage picture, Tile tile)
    {
        var (area, offset) = AreaOf(_card, maps);
        var found = _finder.Find(maps, area);
        var length = found.Count * NucleusEvidence.Count;
        _rows = _rows.Length < length ? new double[2 * length] : _rows;
        _kept = _kept.Length < found.Count ? new bool[2 * found.Count] : _kept;
        var offered = tile.Ownership.Grown(SeamReconciler.Overlap);
        for (var i = 0; i < found.Count; i++)
        {
            var (x, y) = OnGrid(Nucleus.Moved(found[i].Centroid, _card.OutputStride, offset, offset));
            _kept[i] = offered.Contains(x, y) && _isTissue(x, y);
        }

        _evidence.Gather(found, _kept.AsSpan(0, found.Count), maps, area, picture, _card.OutputStride, _card.Margin, _rows.AsSpan(0, length));

        // The working grid may reach beyond the slide by a part of a pixel.
        var (width, height) = (Math.Min(tile.Core.Right, _grid.Covered.Width), Math.Min(tile.Core.Bottom, _grid.Covered.Height));
        var core = new WorkingRect(Math.Max(0, tile.Core.X), Math.Max(0, tile.Core.Y), width - Math.Max(0, tile.Core.X), height - Math.Max(0, tile.Core.Y));
        _fields.AddPixels(core, picture, tile.Input, maps, _card.OutputStride, _card.Margin, _isTissue);
        var nuclei = new List<Nucleus>(found.Count);
        var um = _grid.Mpp.MicronsPerPixel;
        for (var i = 0; i < found.Count; i++)
        {
            if (!_kept[i])
            {
                continue;
            }

            var row = _rows.AsSpan(i * NucleusEvidence.Count, NucleusEvidence.Count);
            var nucleus = found[i].Transformed(_card.OutputStride, offset, offset);
            nucleus.MatchProbability = _calibration.Probability(row);
            Observer?.Invoke(nucleus, row.ToArray());
            if (nucleus.MatchProbability < _leastMatch)
            {
                continue;
            }

            nuclei.Add(nucleus);
            var (x, y) = OnGrid(nucleus.Centroid);
            if (tile.Ownership.Contains(x, y))
            {
                _fields.AddNucleus(x, y, nucleus.Area * um * um, nucleus.MatchProbability, row);
            }
        }

        return new FoundNuclei(nuclei, _fields.Take());

        (double X, double Y) OnGrid(Vector2 centroid) => ((double)tile.Input.X + centroid.X, (double)tile.Input.Y + centroid.Y);
    }
}
