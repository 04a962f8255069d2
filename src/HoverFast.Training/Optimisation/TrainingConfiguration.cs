using System.Text.Json;
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
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
    };

    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>"student" or "teacher", for the model's card.</summary>
    public string Kind { get; init; } = "student";

    /// <summary>Seed of weights, crops and augmentation.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Pixel size at which the network works, in um/px.</summary>
    public double WorkingMpp { get; init; } = 0.5;

    /// <summary>The network.</summary>
    public StudentArchitecture Network { get; init; } = new();

    /// <summary>What it learns from.</summary>
    public required IReadOnlyList<DataSetConfiguration> Train { get; init; }

    /// <summary>What chooses the best checkpoint; never trained on.</summary>
    public IReadOnlyList<DataSetConfiguration> Validate { get; init; } = [];

    /// <summary>Optimiser steps of the whole run.</summary>
    public int Steps { get; init; } = 20000;

    /// <summary>Crops a step.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Side of a crop in working pixels; a multiple of the network's stride.</summary>
    public int CropSize { get; init; } = 160;

    /// <summary>Highest learning rate.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Steps of linear warm-up; a cosine to zero follows.</summary>
    public int WarmUp { get; init; } = 300;

    /// <summary>Weight decay of AdamW.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Decay of the moving average of the weights.</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>Largest gradient norm.</summary>
    public double Clip { get; init; } = 5;

    /// <summary>Whether convolutions compute in bfloat16 (with float32 masters).</summary>
    public bool Bfloat16 { get; init; } = true;

    /// <summary>"cpu", or "cuda" where the libtorch package in use has it.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads of libtorch.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Steps between validations (and checkpoints).</summary>
    public int ValidateEvery { get; init; } = 500;

    /// <summary>A weights file (of a run's end, <c>last.safetensors</c>, the moving average counts) or an exported float32 model (<c>.onnx</c>) to start from, or null to start at random.</summary>
    public string? StartFrom { get; init; }

    /// <summary>Weights of a narrower network of the same shape to start from, widened to this one's channels; or null.</summary>
    public string? WidenFrom { get; init; }

    /// <summary>Weights of a wider network of the same shape to start from, of which the channels that matter most are taken; or null.</summary>
    public string? NarrowFrom { get; init; }

    /// <summary>A ResNet-18 trained on ImageNet whose first stages become the encoder, or null. See training/teacher.json.</summary>
    public string? EncoderFrom { get; init; }

    /// <summary>Card of the model that the start came from, or null: the exported model's card then names its data too.</summary>
    public string? StartCard { get; init; }

    /// <summary>Whether batch norm keeps its statistics, as fine-tuning on few images asks for.</summary>
    public bool FreezeNorm { get; init; }

    /// <summary>Validations without a better one after which the run ends early; 0 runs to the end.</summary>
    public int Patience { get; init; }

    /// <summary>How crops are varied.</summary>
    public Augmentation Augmentation { get; init; } = new();

    /// <summary>What counts how much.</summary>
    public LossWeights Loss { get; init; } = new();

    /// <summary>How a teacher's soft maps enter the targets.</summary>
    public SoftTargetSettings Soft { get; init; } = new();

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="InvalidDataException">The file isn't one; the message says why.</exception>
    public static TrainingConfiguration Read(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>The configuration as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>The same run with whole paths, so that its file can lie elsewhere.</summary>
    /// <param name="baseFolder">Folder from which relative paths are looked up.</param>
    internal TrainingConfiguration Rooted(string baseFolder)
    {
        return this with { Train = Sets(Train), Validate = Sets(Validate), StartFrom = Whole(StartFrom), WidenFrom = Whole(WidenFrom), NarrowFrom = Whole(NarrowFrom), EncoderFrom = Whole(EncoderFrom), StartCard = Whole(StartCard) };

        DataSetConfiguration[] Sets(IEnumerable<DataSetConfiguration> sets) => [.. sets.Select(s => s with { Folder = Whole(s.Folder)!, Maps = Whole(s.Maps) })];

        string? Whole(string? path) => path is null ? null : Path.GetFullPath(Path.Combine(baseFolder, path));
    }

    /// <summary>Reads a configuration from JSON.</summary>
    /// <param name="json">The text.</param>
    /// <param name="path">Where it comes from, for messages.</param>
    /// <exception cref="InvalidDataException">It isn't one; the message says why.</exception>
    internal static TrainingConfiguration Parse(string json, string path)
    {
        try
        {
            var configuration = JsonSerializer.Deserialize<TrainingConfiguration>(json, _json)
                ?? throw new JsonException("it is empty");
            configuration.Network.Validate();
            configuration.Soft.Validate();
            if (configuration.CropSize % configuration.Network.Stride != 0)
            {
                throw new ArgumentException($"cropSize must be a multiple of the network's stride {configuration.Network.Stride}");
            }

            return configuration;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: not a training configuration: {e.Message}", e);
        }
    }
}
