using System.Globalization;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Quality;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using static TorchSharp.torch;

namespace HoverFast.Training.Export;

/// <summary>Turns trained weights into a model: ONNX graph and card.</summary>
internal static class StudentExporter
{
    private const float BatchNormEpsilon = 1e-5f;
    private const string BoundWords = "; non-commercial use only, as ";
    private const string TypeWords = ", and the most probable nucleus type of each pixel (uint8)";

    /// <summary>The network as a graph in float32.</summary>
    public static OnnxGraph Graph(IReadOnlyDictionary<string, Tensor> weights, StudentArchitecture network, string name) =>
        StudentGraph.Build(network, Fold(network, weights), name);

    /// <summary>Writes MODEL.onnx and MODEL.card.json.</summary>
    /// <param name="graph">The graph, in float32 or quantised.</param>
    /// <param name="precision">"float32" or "int8".</param>
    /// <param name="configuration">The run that made the weights.</param>
    /// <param name="baseFolder">Folder from which the configuration's data sets are looked up.</param>
    /// <param name="path">The ONNX file.</param>
    /// <param name="score">Scores the finished model on the validation sets.</param>
    /// <param name="basis">Card of the model that the run began with, whose data counts too; null for the one that the configuration names, if any.</param>
    /// <param name="before">Scores of that model on the validation sets, or null.</param>
    /// <param name="inside">What the model carries to segment other tissue with; null where it segments all.</param>
    public static ModelCard Write(
        OnnxGraph graph,
        string precision,
        TrainingConfiguration configuration,
        string baseFolder,
        string path,
        Func<NucleusModel, IReadOnlyList<ModelCard.Score>> score,
        ModelCard? basis = null,
        IReadOnlyList<ModelCard.Score>? before = null,
        StartInside? inside = null)
    {
        var network = configuration.Network;
        inside?.WriteTo(graph);
        var elsewhere = inside?.ParseCard(path);
        var bytes = graph.ToBytes();
        var start = basis ?? DataOfRun.StartingCard(configuration, baseFolder);
        var data = DataOfRun.Of(configuration, baseFolder, basis);
        var card = new ModelCard
        {
            Name = Path.GetFileNameWithoutExtension(path),
            Kind = configuration.Kind,
            Description =
                configuration.Description.Length > 0 ? configuration.Description
                : basis is null
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"Finds nuclei in H&E at {configuration.WorkingMpp} um/px: probability and HV maps from one {(network.StridedBlocks ? "U-Net with the encoder of a ResNet" : configuration.Kind == "teacher" ? "wide U-Net" : "small U-Net")}.")
                : $"{basis.Name}, adapted to other tissue. {basis.Description}",
            Version = configuration.Version,
            Created = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Base = start is null ? null : new ModelCard.BaseModel(start.Name, start.Sha256),
            Elsewhere = elsewhere is null ? null : new ModelCard.BaseModel(elsewhere.Name, elsewhere.Sha256),
            Calibration = basis is null ? null : MatchCalibration.NameFor(basis),
            ScoresBefore = before,
            Licence = LicenceOf(configuration, start, data),
            Mpp = configuration.WorkingMpp,
            Normalisation =
                $"(value - {StudentGraph.GreyZero:0}) / {StudentGraph.GreyUnit:0} for each channel, inside the graph; nothing is measured on the tile",
            Outputs = "probability (uint8, 255 = 1) and horizontal and vertical map (int8, 100 = 1)" + (network.Types is null ? "" : TypeWords),
            Types = TypesOf(configuration),
            TypeShare = network.Types is null ? null : configuration.TypeShare,
            TypeContext = network.Types is null || configuration.NewTypes ? null : start?.TypeContext,
            Stride = network.Stride,
            OutputStride = network.OutputStride,
            ReceptiveRadius = network.ReceptiveRadius(),
            Parameters = network.Parameters(),
            MultiplyAddsPerPixel = Math.Round(network.MultiplyAddsPerPixel(), 1),
            Network = network,
            Precision = precision,
            Data = data,
            Limits = configuration.Limits,
            Sha256 = ModelCard.HashOf(bytes),
        };
        PartialFile.Write(path, file => file.Write(bytes));
        card.Save(ModelCard.PathFor(path));
        using var model = NucleusModel.Load(path);
        card = card with { Scores = score(model) };
        card.Save(ModelCard.PathFor(path));
        return card;
    }

    /// <summary>The run's branch of nucleus types on the trunk that it began with, number by number.</summary>
    /// <param name="weights">What the run came to.</param>
    /// <param name="network">The network with the branch.</param>
    /// <param name="start">The model that it began with.</param>
    /// <exception cref="ModelException">That model can't be trained further.</exception>
    public static OnnxGraph TypedGraph(IReadOnlyDictionary<string, Tensor> weights, StudentArchitecture network, StartingModel start)
    {
        var trunk = start.Card.Network ?? throw new ModelException(start.Name, "can't be trained further.");
        var layers = StudentGraph.Weights(OnnxGraph.Parse(start.Graph, start.Name), trunk).ToDictionary();
        foreach (var (name, layer) in Fold(network, weights).Where(l => StudentArchitecture.IsOfTypes(l.Key)))
        {
            layers[name] = layer;
        }

        return StudentGraph.Build(network, layers, start.Card.Name);
    }

    /// <summary>
    /// Writes a model that has learned types, whose card is that of the model whose outlines it keeps, with what was added; how well types are told is left to
    /// <see cref="TypeJudge"/>.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="start">Card of the model of the same precision that it began with.</param>
    /// <param name="run">The run that made the branch.</param>
    /// <param name="baseFolder">Folder from which its data sets are looked up.</param>
    /// <param name="path">The ONNX file.</param>
    public static ModelCard WriteTyped(
        OnnxGraph graph,
        ModelCard start,
        TrainingConfiguration run,
        string baseFolder,
        string path)
    {
        var bytes = graph.ToBytes();
        ModelCard.DataUse[] added = [.. DataOfRun.Uses(run.Train, "types", baseFolder), .. DataOfRun.Uses(run.Validate, "validate types", baseFolder)];
        var card = start with
        {
            Name = Path.GetFileNameWithoutExtension(path),
            Description = run.Description.Length > 0 ? run.Description : start.Description,
            Licence = Bound(run.Licence.Length > 0 ? run.Licence : Unbound(start.Licence), [.. start.Data, .. added]),
            Version = run.Version,
            Created = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Outputs = start.Outputs.EndsWith(TypeWords, StringComparison.Ordinal) ? start.Outputs : start.Outputs + TypeWords,
            Types = TypesOf(run),
            TypeShare = run.TypeShare,
            TypeContext = null,
            ReceptiveRadius = run.Network.ReceptiveRadius(),
            Parameters = run.Network.Parameters(),
            MultiplyAddsPerPixel = Math.Round(run.Network.MultiplyAddsPerPixel(), 1),
            Network = run.Network,
            Data = [.. start.Data, .. added],
            Sha256 = ModelCard.HashOf(bytes),
        };
        PartialFile.Write(path, file => file.Write(bytes));
        card.Save(ModelCard.PathFor(path));
        return card;
    }

    /// <summary>The types as a card names them, with the background before them; null where none are learned.</summary>
    private static IReadOnlyList<ModelCard.NucleusType>? TypesOf(TrainingConfiguration run) =>
        run.LearnedTypes is { } types ? [new ModelCard.NucleusType("Background", [0, 0, 0]), .. types] : null;

    /// <summary>Folds batch norm into the convolutions and drops the padding channels.</summary>
    internal static Dictionary<string, FoldedLayer> Fold(StudentArchitecture network, IReadOnlyDictionary<string, Tensor> weights)
    {
        var folded = new Dictionary<string, FoldedLayer>();
        foreach (var layer in network.Layers())
        {
            var (padded, shape) = Values(weights, layer.Name + ".weight");
            var beta = Values(weights, layer.Name + ".beta").Data;
            var each = layer.Inputs * layer.Kernel * layer.Kernel;
            var paddedEach = (int)shape[1] * layer.Kernel * layer.Kernel;
            var weight = new float[layer.Outputs * each];
            var bias = new float[layer.Outputs];
            var (scale, mean) = Normalisation(layer, weights);
            for (var o = 0; o < layer.Outputs; o++)
            {
                bias[o] = beta[o] - (mean[o] * scale[o]);
                for (var i = 0; i < each; i++)
                {
                    weight[(o * each) + i] = padded[(o * paddedEach) + i] * scale[o];
                }
            }

            folded[layer.Name] = new FoldedLayer(weight, bias);
        }

        return folded;
    }

    private static (float[] Scale, float[] Mean) Normalisation(StudentArchitecture.Layer layer, IReadOnlyDictionary<string, Tensor> weights)
    {
        if (!layer.Normalised)
        {
            return (Enumerable.Repeat(1f, layer.Outputs).ToArray(), new float[layer.Outputs]);
        }

        var gamma = Values(weights, layer.Name + ".gamma").Data;
        var variance = Values(weights, layer.Name + ".variance").Data;
        return (gamma.Zip(variance, (g, v) => g / MathF.Sqrt(v + BatchNormEpsilon)).ToArray(), Values(weights, layer.Name + ".mean").Data);
    }

    private static (float[] Data, long[] Shape) Values(IReadOnlyDictionary<string, Tensor> weights, string name)
    {
        if (!weights.TryGetValue(name, out var tensor))
        {
            throw new InvalidDataException($"The weights lack '{name}': they belong to another network.");
        }

        using var plain = tensor.detach().cpu().contiguous();
        return (plain.data<float>().ToArray(), plain.shape);
    }

    private static string LicenceOf(TrainingConfiguration configuration, ModelCard? start, IReadOnlyList<ModelCard.DataUse> data)
    {
        var stated = configuration.Licence.Length > 0 ? configuration.Licence
            : start is null ? "not stated; the licences of the data are named below"
            : $"not stated; made from {start.Name} ({start.Licence})";
        return Bound(stated, data);
    }

    private static string Bound(string stated, IReadOnlyList<ModelCard.DataUse> data)
    {
        var bound = data.Where(d => DataLicence.IsNonCommercial(d.Licence)).Select(d => $"{d.Name} ({d.Licence})").Distinct().ToList();
        return bound.Count == 0 ? stated : $"{stated}{BoundWords}{string.Join(" and ", bound)} asks";
    }

    private static string Unbound(string licence) => licence.LastIndexOf(BoundWords, StringComparison.Ordinal) is >= 0 and var at ? licence[..at] : licence;
}
