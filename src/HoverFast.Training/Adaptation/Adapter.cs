using System.Globalization;
using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using static TorchSharp.torch;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Adapts a model to other tissue without forgetting: a run learns all tiles while it is held to the start's answers on known tissue, and is then moved back
/// towards the start as far as a check asks. Runs that each hold out another part of the tiles tell what that gives on tiles that were not learned.
/// </summary>
internal sealed class Adapter
{
    private readonly AdaptationPlan _plan;
    private readonly StartingModel _start;
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
        _parts = HeldOutTiles.Deal(plan.Names, plan.Settings.Runs);
        var tiles = DataSet.Load(plan.Tiles, "/").Images.ToDictionary(i => i.Name);
        _held = [.. _parts.Select(p => p.Select(n => tiles[n]).ToList())];
        _checks = [.. plan.Rehearsal.Where(s => s.Checked.Count > 0).Select(s => s.ToCheck()).Concat(plan.AlsoCheck).Select(s => DataSet.Load(s, "/"))];
    }

    /// <summary>The user's tiles, in the order in which the report lists them.</summary>
    public IEnumerable<LabelledImage> Tiles => _held.SelectMany(h => h);

    /// <summary>Trains, scores and chooses.</summary>
    public AdaptationResult Run(CancellationToken cancellation)
    {
        var weights = StartingWeights.OfModel(_start.Graph, _start.Card, _start.Name);
        _log.WriteLine($"scoring {_start.Card.Name} as it is, on {_held.Sum(h => h.Count)} tiles and {_checks.Sum(c => c.Images.Count)} of known tissue");
        var before = Score(weights, [], weights, share: 0, cancellation);
        _log.WriteLine($"run 1 of {_parts.Count + 1}: learns from all {_plan.Names.Count} tiles");
        var whole = Train([], "whole", weights, cancellation);
        var ends = new List<IReadOnlyDictionary<string, Tensor>>();
        foreach (var (held, r) in _parts.Select((p, r) => (p, r)))
        {
            _log.WriteLine($"run {r + 2} of {_parts.Count + 1}: learns from {_plan.Names.Count - held.Count} tiles, holds out {string.Join(", ", held)}");
            ends.Add(Train(held, $"part-{r + 1}", weights, cancellation));
        }

        List<Choice> choices =
        [
            .. AdaptationSettings.Shares.Select(share =>
            {
                _log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"scoring {100 * share:0} % of the way from the start"));
                var after = Score(weights, ends, whole, share, cancellation);
                return new Choice(
                    share,
                    PairedReport.Of(_plan.Tiles.Name + ", held out", before.Own, after.Own),
                    [.. _checks.Select((c, i) => PairedReport.Of(c.Configuration.Name, before.Checks[i], after.Checks[i]))]);
            }),
        ];
        var chosen = Choice.Best(choices, _plan.Settings.MostLoss);
        return new AdaptationResult(WeightMix.Of(weights, whole, chosen.Share), ends, chosen, choices);
    }

    /// <summary>Scores a finished model on the checked sets.</summary>
    public IReadOnlyList<EvaluationReport> Check(CandidateModel model, CancellationToken cancellation) =>
        _checks.ConvertAll(c => model.Score(c.Images, _plan.Settings.Threads, cancellation));

    /// <summary>The nuclei on the user's tiles before and after, each tile by the run that held it out.</summary>
    public IEnumerable<(LabelledImage Tile, LabelImage Before, LabelImage After)> Segment(AdaptationResult result, CancellationToken cancellation)
    {
        var weights = StartingWeights.OfModel(_start.Graph, _start.Card, _start.Name);
        for (var r = 0; r < _held.Count; r++)
        {
            using var before = Candidate(weights);
            using var after = Candidate(WeightMix.Of(weights, result.Ends[r], result.Chosen.Share));
            foreach (var tile in _held[r])
            {
                cancellation.ThrowIfCancellationRequested();
                yield return (tile, before.Segment(tile), after.Segment(tile));
            }
        }
    }

    // Each tile by the run that held it out; known tissue by the run that learned all.
    private (EvaluationReport Own, IReadOnlyList<EvaluationReport> Checks) Score(
        IReadOnlyDictionary<string, Tensor> weights,
        List<IReadOnlyDictionary<string, Tensor>> ends,
        IReadOnlyDictionary<string, Tensor> whole,
        double share,
        CancellationToken cancellation)
    {
        var own = new List<EvaluationReport>();
        for (var r = 0; r < _held.Count; r++)
        {
            using var run = Candidate(ends.Count == 0 ? weights : WeightMix.Of(weights, ends[r], share));
            own.Add(run.Score(_held[r], _plan.Settings.Threads, cancellation));
        }

        using var all = Candidate(WeightMix.Of(weights, whole, share));
        return (new EvaluationReport(own.SelectMany(o => o.Images)), Check(all, cancellation));
    }

    private IReadOnlyDictionary<string, Tensor> Train(
        IReadOnlyList<string> held,
        string name,
        IReadOnlyDictionary<string, Tensor> weights,
        CancellationToken cancellation) => new AdaptationRun(_plan, _start, held, Path.Combine(_work, name), _log).Train(weights, cancellation);

    private CandidateModel Candidate(IReadOnlyDictionary<string, Tensor> weights) => CandidateModel.Of(weights, _start.Card, Path.Combine(_work, "candidate"));
}
