using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Training.Data;
using HoverFast.Training.Export;
using HoverFast.Training.Optimisation;
using static TorchSharp.torch;

namespace HoverFast.Training.Adaptation;

/// <summary>Weights as a model that segments tiles the way the product does.</summary>
internal sealed class CandidateModel : IDisposable
{
    private readonly NucleusModel _model;
    private readonly TileTissue _tissue;

    private CandidateModel(NucleusModel model, TileTissue? tissue = null) =>
        (_model, _tissue) = (model, tissue ?? new TileTissue(ChosenWeights.FirstOf(model)));

    /// <summary>A finished model.</summary>
    public static CandidateModel Load(string path) => new(NucleusModel.Load(path));

    /// <summary>A model to start from.</summary>
    /// <param name="start">The model.</param>
    /// <param name="tissue">What its first start sees of tiles.</param>
    public static CandidateModel Of(StartingModel start, TileTissue tissue) => new(start.Open(), tissue);

    /// <summary>Makes a model of weights.</summary>
    /// <param name="weights">Parameters and statistics.</param>
    /// <param name="card">Card of the model that they began with.</param>
    /// <param name="folder">Where its files go.</param>
    /// <param name="inside">What it carries to segment other tissue with; null where it segments all.</param>
    /// <param name="tissue">What its first start sees of tiles; null to look anew.</param>
    public static CandidateModel Of(
        IReadOnlyDictionary<string, Tensor> weights,
        ModelCard card,
        string folder,
        StartInside? inside = null,
        TileTissue? tissue = null) => new(Model(weights, card, folder, inside), tissue);

    /// <summary>Makes a model of weights, to be asked for maps alone.</summary>
    /// <inheritdoc cref="Of(IReadOnlyDictionary{string, Tensor}, ModelCard, string, StartInside?, TileTissue?)"/>
    public static NucleusModel Model(IReadOnlyDictionary<string, Tensor> weights, ModelCard card, string folder, StartInside? inside = null)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "candidate.onnx");
        var graph = StudentExporter.Graph(weights, card.Network!, "candidate");
        inside?.WriteTo(graph);
        var bytes = graph.ToBytes();
        File.WriteAllBytes(path, bytes);
        (card with { Name = "candidate", Calibration = MatchCalibration.NameFor(card), Precision = "float32", Sha256 = ModelCard.HashOf(bytes) })
            .Save(ModelCard.PathFor(path));
        return NucleusModel.Load(path);
    }

    /// <summary>The nuclei that it finds on a tile, by the weights that suit the tile's tissue.</summary>
    public LabelImage Segment(LabelledImage tile) => Validation.Segment(ChosenFor(tile), tile);

    /// <summary>Scores it on tiles.</summary>
    /// <param name="tiles">The tiles.</param>
    /// <param name="threads">Tiles at once.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="ofStart">
    /// What the model that it carries for other tissue scored on the same tiles, so that those left to that one are not segmented again; null to segment all.
    /// </param>
    public EvaluationReport Score(IReadOnlyList<LabelledImage> tiles, int threads, CancellationToken cancellation, EvaluationReport? ofStart = null)
    {
        var scores = new (string, SegmentationScore)[tiles.Count];
        Parallel.For(0, tiles.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
        {
            var (tile, model) = (tiles[i], ChosenFor(tiles[i]));
            scores[i] = ofStart is not null && model != _model
                ? ofStart.Images[i]
                : (tile.Name, tile.Score(Validation.Segment(model, tile), tile.Mpp));
        });
        return new EvaluationReport(scores);
    }

    private NucleusModel ChosenFor(LabelledImage tile) => _model.Start is null ? _model : ChosenWeights.For(_model, _tissue.Of(tile)).Model;

    public void Dispose() => _model.Dispose();
}
