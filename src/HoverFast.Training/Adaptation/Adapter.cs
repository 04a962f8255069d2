using System.Globalization;
using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using static TorchSharp.torch;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Adapts a model to other tissue without forgetting. Where the tissue can be known, a run learns all tiles freely, and what looks otherwise stays with the
/// start; else it is held to the start's answers on known tissue. It is then moved back towards the start as far as a check asks. Runs that each hold out
/// another part of the tiles tell what that gives on tiles that were not learned.
/// </summary>
internal sealed class Adapter : IDisposable
{
    private readonly AdaptationPlan _plan;
    private readonly StartingModel _start;
    private readonly NucleusModel _opened;
    private readonly TileTissue _tissue;
    private readonly string _work;
    private readonly TextWriter _log;
    private readonly IReadOnlyList<IReadOnlyList<string>> _parts;
    private readonly List<List<LabelledImage>> _held;
    private readonly List<DataSet> _checks;

    /// <param name="plan">What is learned and checked.</param>
    /// <param name="start">The model to start from.</param>
    /// <param name="work">Folder for checkpoints. What an earlier call left there is not done again.</param>
    /// <param name="log">Says what is done.</param>
    public Adapter(AdaptationPlan plan, StartingModel start, string work, TextWriter log)
    {
        (_plan, _start, _work, _log) = (plan, start, work, log);
        _opened = start.Open();
        _tissue = new TileTissue(ChosenWeights.FirstOf(_opened));
        var tiles = DataSet.Load(plan.Tiles, "/").Images.ToDictionary(i => i.Name);
        _parts = HeldOutTiles.Deal(plan.Names, plan.Settings.RunsFor(plan.Names.Count), n => TilePicture.HashOf(tiles[n].Image));
        _held = [.. _parts.Select(p => p.Select(n => tiles[n]).ToList())];
        _checks = [.. plan.Rehearsal.Where(s => s.Checked.Count > 0).Select(s => s.ToCheck()).Concat(plan.AlsoCheck).Select(s => DataSet.Load(s, "/"))];
    }

    /// <summary>The user's tiles, in the order in which the report lists them.</summary>
    public IEnumerable<LabelledImage> Tiles => _held.SelectMany(h => h);

    /// <summary>Trains, scores and chooses.</summary>
    public AdaptationResult Run(CancellationToken cancellation)
    {
        _log.WriteLine($"scoring {_start.Card.Name} as it is, on {_held.Sum(h => h.Count)} tiles and {_checks.Sum(c => c.Images.Count)} of known tissue");
        var before = ScoreStart(cancellation);
        var way = Recognise();
        var weights = WeightsOf(way.Begin);
        _log.WriteLine($"run 1 of {_parts.Count + 1}: learns from all {_plan.Names.Count} tiles");
        var whole = Train(way, [], "whole", weights, cancellation);
        var ends = new List<IReadOnlyDictionary<string, Tensor>>();
        foreach (var (held, r) in _parts.Select((p, r) => (p, r)))
        {
            _log.WriteLine($"run {r + 2} of {_parts.Count + 1}: learns from {_plan.Names.Count - held.Count} tiles, holds out {string.Join(", ", held)}");
            ends.Add(Train(way, held, $"part-{r + 1}", weights, cancellation));
        }

        // A model that knows its tissue ships the mean of all runs. Where it segments all slides, what it keeps was measured on the run that learned all.
        var learned = way.Recognition is null ? whole : WeightMix.Mean([whole, .. ends]);
        List<Choice> choices =
        [
            .. AdaptationSettings.Shares.Select(share =>
            {
                _log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"scoring {100 * share:0} % of the way from the start"));
                var after = Score(way, weights, ends, learned, share, before, cancellation);
                return new Choice(
                    share,
                    PairedReport.Of(_plan.Tiles.Name + ", held out", before.Own, after.Own),
                    [.. _checks.Select((c, i) => PairedReport.Of(c.Configuration.Name, before.Checks[i], after.Checks[i]))]);
            }),
        ];
        var chosen = Choice.Best(choices, _plan.Settings.MostLoss, isMean: way.Recognition is not null);
        return new AdaptationResult(WeightMix.Of(weights, learned, chosen.Share), ends, chosen, choices, way);
    }

    /// <summary>Whether the tissue can be told from what the start learned; and from which of the start's weights is learned then.</summary>
    private AdaptationWay Recognise()
    {
        // Tissue of an earlier adapting goes on from that one's weights, other tissue from those of the first start.
        var begin = _start.Of(ChosenWeights.For(_opened, [.. Tiles.SelectMany(_tissue.Of)]).Model.Card.Sha256);
        if (_plan.Settings.ForAllSlides)
        {
            return Way(null, []);
        }

        var first = ChosenWeights.FirstOf(_opened).Card;
        var (goesOn, elsewhere) = begin.Card.Sha256 == _start.Card.Sha256 && _start.Inside is { } inside ? (true, inside) : (false, _start);
        var own = goesOn ? OwnBefore() : [];
        var found = Recognition.Of(elsewhere, first, _tissue, _held, [.. CheckedOf(s => !s.IsUsers)], [.. CheckedOf(own.Contains)]);
        _log.WriteLine(
            found is null ? $"your tissue can't be known by what {first.Name} sees in it: the adapted weights will segment all slides"
            : $"{found.Known} of {found.Tiles} tiles are known as your tissue by the others, {found.Taken} of {found.Pictures} pictures of known tissue are taken for it: "
                + (found.Holds ? $"{elsewhere.Card.Name} will segment what looks otherwise" : "the adapted weights will segment all slides"));
        return found is { Holds: true } ? Way(found, own) : Way(null, []);

        AdaptationWay Way(Recognition? known, IReadOnlyList<RehearsalSet> own)
        {
            List<RehearsalSet> rehearsal = [.. _plan.Rehearsal.Select(s => s with { IsOwn = own.Contains(s) })];
            return new(_plan with { Rehearsal = rehearsal, Settings = _plan.Settings.Settled(known is not null) }, begin, known);
        }

        IEnumerable<LabelledImage> CheckedOf(Func<RehearsalSet, bool> which) =>
            _plan.Rehearsal.Where(s => s.Checked.Count > 0).Zip(_checks).Where(s => which(s.First)).SelectMany(s => s.Second.Images);

        // The last were kept when the start was made. Earlier ones may be of other tissue, which a model in the start segments.
        IReadOnlyList<RehearsalSet> OwnBefore()
        {
            var users = _plan.Rehearsal.Where(s => s.IsUsers).ToList();
            return [.. users.Where((s, i) => i == users.Count - 1 || LooksOwn([.. CheckedOf(c => c == s).SelectMany(_tissue.Of)]))];
        }

        bool LooksOwn(IReadOnlyList<FieldSums> seen) => ChosenWeights.For(_opened, seen).Model.Card.Sha256 == _start.Card.Sha256;
    }

    /// <summary>Scores a finished model on the checked sets.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="ofStart">For each set, as for <see cref="CandidateModel.Score"/>.</param>
    public IReadOnlyList<EvaluationReport> Check(CandidateModel model, CancellationToken cancellation, IReadOnlyList<EvaluationReport>? ofStart = null) =>
        [.. _checks.Select((c, i) => model.Score(c.Images, _plan.Settings.Threads, cancellation, ofStart?[i]))];

    /// <summary>The nuclei on the user's tiles before and after, each tile by the run that held it out.</summary>
    public IEnumerable<(LabelledImage Tile, LabelImage Before, LabelImage After)> Segment(AdaptationResult result, CancellationToken cancellation)
    {
        var weights = WeightsOf(result.Way.Begin);
        using var before = CandidateModel.Of(_start, _tissue);
        for (var r = 0; r < _held.Count; r++)
        {
            using var after = Candidate(result.Way, WeightMix.Of(weights, result.Ends[r], result.Chosen.Share), result.Recognition?.Parts[r]);
            foreach (var tile in _held[r])
            {
                cancellation.ThrowIfCancellationRequested();
                yield return (tile, before.Segment(tile), after.Segment(tile));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _opened.Dispose();

    private (EvaluationReport Own, IReadOnlyList<EvaluationReport> Checks) ScoreStart(CancellationToken cancellation)
    {
        using var start = CandidateModel.Of(_start, _tissue);
        return (start.Score([.. Tiles], _plan.Settings.Threads, cancellation), Check(start, cancellation));
    }

    // Each tile by the run that held it out; known tissue by the weights that ship.
    private (EvaluationReport Own, IReadOnlyList<EvaluationReport> Checks) Score(
        AdaptationWay way,
        IReadOnlyDictionary<string, Tensor> weights,
        List<IReadOnlyDictionary<string, Tensor>> ends,
        IReadOnlyDictionary<string, Tensor> learned,
        double share,
        (EvaluationReport Own, IReadOnlyList<EvaluationReport> Checks) before,
        CancellationToken cancellation)
    {
        // What is left to the start is as the start scored it; a model that goes on from tiles of the same tissue leaves it to an earlier one.
        var isStart = way.Recognition?.Elsewhere == _start;
        var own = new List<EvaluationReport>();
        for (var r = 0; r < _held.Count; r++)
        {
            using var run = Candidate(way, WeightMix.Of(weights, ends[r], share), way.Recognition?.Parts[r]);
            var ofStart = isStart ? new EvaluationReport(before.Own.Images.Skip(own.Sum(o => o.Images.Count)).Take(_held[r].Count)) : null;
            own.Add(run.Score(_held[r], _plan.Settings.Threads, cancellation, ofStart));
        }

        using var all = Candidate(way, WeightMix.Of(weights, learned, share), way.Recognition?.Whole);
        return (new EvaluationReport(own.SelectMany(o => o.Images)), Check(all, cancellation, isStart ? before.Checks : null));
    }

    private static IReadOnlyDictionary<string, Tensor> WeightsOf(StartingModel model) => StartingWeights.OfModel(model.Graph, model.Card, model.Name);

    private IReadOnlyDictionary<string, Tensor> Train(
        AdaptationWay way,
        IReadOnlyList<string> held,
        string name,
        IReadOnlyDictionary<string, Tensor> weights,
        CancellationToken cancellation) => new AdaptationRun(way.Plan, way.Begin, held, Path.Combine(_work, name), _log).Train(weights, cancellation);

    private CandidateModel Candidate(AdaptationWay way, IReadOnlyDictionary<string, Tensor> weights, TissueCard? card) => CandidateModel.Of(
        weights,
        way.Begin.Card,
        Path.Combine(_work, "candidate"),
        card is null ? null : way.Recognition!.Inside(card),
        _tissue);
}
