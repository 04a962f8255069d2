using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HoverFast.Model;
using HoverFast.Training.Data;

namespace HoverFast.Training.Optimisation;

/// <summary>A training run, whole: the same file and seed give the same weights on one thread. Written as JSON.</summary>
public sealed record TrainingConfiguration
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
    };

    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>"student" or "teacher", for the model's card.</summary>
    public string Kind { get; init; } = "student";

    /// <summary>Version of the weights, for the model's card.</summary>
    public string Version { get; init; } = "1";

    /// <summary>A sentence on the model, for its card; left out, it is made from the network's kind.</summary>
    public string Description { get; init; } = "";

    /// <summary>Licence of the weights, for the model's card; left out, it is made from the licences of the data.</summary>
    public string Licence { get; init; } = "";

    /// <summary>What the model can't do, for its card.</summary>
    public string Limits { get; init; } =
        "Trained on H&E alone, on few laboratories; research use, not a medical device. Blurred and very pale nuclei are missed more often than others.";

    /// <summary>Seed of weights, crops and augmentation.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Pixel size at which the network works, in um/px.</summary>
    [Within(0.05, 5)]
    public double WorkingMpp { get; init; } = 0.5;

    /// <summary>The network.</summary>
    public StudentArchitecture Network { get; init; } = new();

    /// <summary>
    /// Nucleus types in their order, for a network with <c>types</c>: each with a <c>name</c>, a <c>colour</c> (red, green, blue, 0 to 255) and
    /// <c>also</c>, the names by which data sets call it. The last one is for all others and for nuclei whose type is unsure.
    /// </summary>
    public IReadOnlyList<ModelCard.NucleusType> Types { get; init; } = [];

    /// <summary>Probability that a nucleus's type needs, or share of its pixels while it is trained; with less it counts as the last type.</summary>
    [Within(0, 1)]
    public double TypeShare { get; init; }

    /// <summary>"all", or "types": the branch of nucleus types alone, while the rest stays as the start has it.</summary>
    public string Learn { get; init; } = "all";

    /// <summary>Whether the branch of nucleus types begins at random even where the start has one of the same shape.</summary>
    public bool NewTypes { get; init; }

    /// <summary>
    /// For <c>learn</c> "types": different crops of the run, whose features are computed once and kept (0.3 MB each); then the first comes again.
    /// </summary>
    [Within(1, 1_000_000)]
    public int FeatureCrops { get; init; } = 4096;

    /// <summary>What it learns from.</summary>
    public required IReadOnlyList<DataSetConfiguration> Train { get; init; }

    /// <summary>What chooses the best checkpoint; never trained on.</summary>
    public IReadOnlyList<DataSetConfiguration> Validate { get; init; } = [];

    /// <summary>Optimiser steps of the whole run.</summary>
    [Within(1, 100_000_000)]
    public int Steps { get; init; } = 20000;

    /// <summary>Crops a step.</summary>
    [Within(1, 1024)]
    public int Batch { get; init; } = 16;

    /// <summary>Side of a crop in working pixels; a multiple of the network's stride.</summary>
    [Within(16, 4096)]
    public int CropSize { get; init; } = 160;

    /// <summary>Highest learning rate.</summary>
    [Within(0, 1, Above = true)]
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Steps of linear warm-up; a cosine to zero follows.</summary>
    [Within(0, 100_000_000)]
    public int WarmUp { get; init; } = 300;

    /// <summary>Weight decay of AdamW.</summary>
    [Within(0, 1)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Decay of the moving average of the weights.</summary>
    [Within(0, 1, Below = true)]
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>Largest gradient norm.</summary>
    [Within(0, double.PositiveInfinity, Above = true)]
    public double Clip { get; init; } = 5;

    /// <summary>Whether convolutions compute in bfloat16 (with float32 masters).</summary>
    public bool Bfloat16 { get; init; } = true;

    /// <summary>"cpu", or "cuda" where the libtorch package in use has it.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads of libtorch.</summary>
    [Within(1, 1024)]
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Steps between validations (and checkpoints).</summary>
    [Within(1, 100_000_000)]
    public int ValidateEvery { get; init; } = 500;

    /// <summary>
    /// A weights file (of a run's end, <c>last.safetensors</c>, the moving average counts) or an exported float32 model (<c>.onnx</c>, or the name of a
    /// built-in one) to start from, or null to start at random.
    /// </summary>
    public string? StartFrom { get; init; }

    /// <summary>Weights of a narrower network of the same shape to start from, widened to this one's channels; or null.</summary>
    public string? WidenFrom { get; init; }

    /// <summary>
    /// Weights of a wider network of the same shape to start from, of which the channels that matter most are taken; or one with more residual pairs in
    /// its blocks, of which the last are left out (then also an exported float32 model, or the name of a built-in one); or null.
    /// </summary>
    public string? NarrowFrom { get; init; }

    /// <summary>The exported model that the run begins with, whole or in part; null where it begins otherwise.</summary>
    [JsonIgnore]
    internal string? StartModel => new[] { StartFrom, NarrowFrom }.FirstOrDefault(StartingWeights.IsModel);

    /// <summary>A ResNet-18 trained on ImageNet whose first stages become the encoder, or null. See training/teacher.json.</summary>
    public string? EncoderFrom { get; init; }

    /// <summary>
    /// Card of the model that the start came from, whose data the exported model's card names too; left out, it is the one beside a model that <c>startFrom</c>
    /// names, or what a weights file says of its data.
    /// </summary>
    public string? StartCard { get; init; }

    /// <summary>Whether batch norm keeps its statistics, as fine-tuning on few images asks for.</summary>
    public bool FreezeNorm { get; init; }

    /// <summary>Validations without a better one after which the run ends early; 0 runs to the end.</summary>
    [Within(0, 1_000_000)]
    public int Patience { get; init; }

    /// <summary>How crops are varied.</summary>
    public Augmentation Augmentation { get; init; } = new();

    /// <summary>What counts how much.</summary>
    public LossWeights Loss { get; init; } = new();

    /// <summary>Other tissue on which the network goes on answering as its start does, or null.</summary>
    public KeepSettings? Keep { get; init; }

    /// <summary>How a teacher's soft maps enter the targets.</summary>
    public SoftTargetSettings Soft { get; init; } = new();

    /// <summary>Reads a configuration and checks it; what its data sets leave out is taken from their folders.</summary>
    /// <exception cref="TrainingException">The file isn't one, or a key breaks a rule; the message names it.</exception>
    public static TrainingConfiguration Read(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var run = Parse(File.ReadAllText(path), path).Described(folder);
        ConfigurationRules.Check(run, folder, path);
        return run;
    }

    /// <summary>The types that are learned, or null where none are.</summary>
    internal IReadOnlyList<ModelCard.NucleusType>? LearnedTypes => Types.Count > 0 ? Types : null;

    /// <summary>Whether the branch of nucleus types alone is learned.</summary>
    internal bool LearnsTypesAlone => Learn == "types";

    /// <summary>The configuration as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>Whether this run may go on where another stopped: it is the same but for its threads, which another machine has more or fewer of.</summary>
    /// <param name="json">The other one, as <see cref="ToJson"/> wrote it.</param>
    internal bool GoesOnFrom(string json)
    {
        return WithoutThreads(json) == WithoutThreads(ToJson());

        static string? WithoutThreads(string of)
        {
            var run = JsonNode.Parse(of);
            run?.AsObject().Remove(_json.PropertyNamingPolicy!.ConvertName(nameof(Threads)));
            return run?.ToJsonString();
        }
    }

    /// <summary>The same run with what the folders of its data sets say of themselves.</summary>
    /// <param name="baseFolder">Folder from which relative paths are looked up.</param>
    internal TrainingConfiguration Described(string baseFolder) =>
        this with
        {
            Train = [.. Train.Select(s => s.Described(baseFolder))],
            Validate = [.. Validate.Select(s => s.Described(baseFolder))],
            Keep = Keep is null ? null : Keep with { Sets = [.. Keep.Sets.Select(s => s.Described(baseFolder))] },
        };

    /// <summary>The same run with whole paths, so that its file can lie elsewhere.</summary>
    /// <param name="baseFolder">Folder from which relative paths are looked up.</param>
    internal TrainingConfiguration Rooted(string baseFolder)
    {
        return this with
        {
            Train = Sets(Train),
            Validate = Sets(Validate),
            Keep = Keep is null ? null : Keep with { Sets = Sets(Keep.Sets) },
            StartFrom = ModelOrFile(StartFrom),
            WidenFrom = Whole(WidenFrom),
            NarrowFrom = ModelOrFile(NarrowFrom),
            EncoderFrom = Whole(EncoderFrom),
            StartCard = Whole(StartCard),
        };

        DataSetConfiguration[] Sets(IEnumerable<DataSetConfiguration> sets) =>
            [.. sets.Select(s => s with { Folder = Whole(s.Folder)!, Maps = Whole(s.Maps) })];

        string? ModelOrFile(string? name) => name is null ? null : StartingModel.Place(name, baseFolder);

        string? Whole(string? path) => path is null ? null : Path.GetFullPath(Path.Combine(baseFolder, path));
    }

    /// <summary>Reads a configuration from JSON.</summary>
    /// <param name="json">The text.</param>
    /// <param name="path">Where it comes from, for messages.</param>
    /// <exception cref="TrainingException">It isn't one; the message says why.</exception>
    internal static TrainingConfiguration Parse(string json, string path)
    {
        try
        {
            var run = JsonSerializer.Deserialize<TrainingConfiguration>(json, _json) ?? throw new JsonException("it is empty");
            ListEntries.Require(json, _json);
            return run;
        }
        catch (JsonException e)
        {
            throw new TrainingException(path, $"not a training configuration: {e.Message}", e);
        }
    }
}
