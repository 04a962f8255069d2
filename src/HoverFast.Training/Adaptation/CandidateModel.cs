using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
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

    private CandidateModel(NucleusModel model) => _model = model;

    /// <summary>A finished model.</summary>
    public static CandidateModel Load(string path) => new(NucleusModel.Load(path));

    /// <summary>Makes a model of weights.</summary>
    /// <param name="weights">Parameters and statistics.</param>
    /// <param name="card">Card of the model that they began with.</param>
    /// <param name="folder">Where its files go.</param>
    public static CandidateModel Of(IReadOnlyDictionary<string, Tensor> weights, ModelCard card, string folder) => new(Model(weights, card, folder));

    /// <inheritdoc cref="Of"/>
    public static NucleusModel Model(IReadOnlyDictionary<string, Tensor> weights, ModelCard card, string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "candidate.onnx");
        var bytes = StudentExporter.Graph(weights, card.Network!, "candidate").ToBytes();
        File.WriteAllBytes(path, bytes);
        (card with { Name = "candidate", Calibration = MatchCalibration.NameFor(card), Precision = "float32", Sha256 = ModelCard.HashOf(bytes) })
            .Save(ModelCard.PathFor(path));
        return NucleusModel.Load(path);
    }

    /// <summary>The nuclei that it finds on a tile.</summary>
    public LabelImage Segment(LabelledImage tile) => Validation.Segment(_model, tile);

    /// <summary>Scores it on tiles.</summary>
    public EvaluationReport Score(IReadOnlyList<LabelledImage> tiles, int threads, CancellationToken cancellation)
    {
        var scores = new (string, SegmentationScore)[tiles.Count];
        Parallel.For(0, tiles.Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
            scores[i] = (tiles[i].Name, SegmentationMetrics.Compare(tiles[i].Labels, Segment(tiles[i]), tiles[i].Mpp)));
        return new EvaluationReport(scores);
    }

    public void Dispose() => _model.Dispose();
}
