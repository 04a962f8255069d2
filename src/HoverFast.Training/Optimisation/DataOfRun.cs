using System.Text.Json;
using HoverFast.Model;
using HoverFast.Model.Checkpoints;
using HoverFast.Training.Data;

namespace HoverFast.Training.Optimisation;

/// <summary>The data that a run's weights owe something to. Their file tells it, so that a run which begins with them can tell it too.</summary>
internal static class DataOfRun
{
    /// <summary>Where it stands among what the file says of itself.</summary>
    public const string Key = "data";

    /// <summary>What cards say of where users' tiles come from.</summary>
    public const string UsersTiles = "labelled tiles of the user";

    /// <summary>The data as it is written.</summary>
    public static string Text(IReadOnlyList<ModelCard.DataUse> data) => JsonSerializer.Serialize(data);

    /// <summary>Reads it. Files of older versions know only what their own run learned from, other programs' files nothing.</summary>
    /// <param name="path">The file of weights.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IReadOnlyList<ModelCard.DataUse> Read(string path)
    {
        using var weights = Checkpoint.Open(path);
        if (weights.Settings.GetValueOrDefault(Key) is string data)
        {
            try
            {
                return JsonSerializer.Deserialize<List<ModelCard.DataUse>>(data)!;
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"{path}: what it says of its data is damaged ({e.Message}).", e);
            }
        }

        return weights.Settings.GetValueOrDefault("configuration") is string run
            ? [.. TrainingConfiguration.Parse(run, path).Train.Select(Trained)]
            : [];

        static ModelCard.DataUse Trained(DataSetConfiguration set) => new(set.Name, "train", set.Only?.Count ?? 0, set.Licence, set.Source, set.Mpp);
    }

    private static IEnumerable<ModelCard.DataUse> Encoder(TrainingConfiguration configuration) =>
        configuration.EncoderFrom is null
            ? []
            :
            [
                new(
                    "imagenet",
                    "start",
                    0,
                    "MIT (the file of weights that ML.NET publishes; no picture was used here)",
                    "ResNet-18 trained on ImageNet, He et al., CVPR 2016: the encoder's first weights",
                    0),
            ];

    /// <summary>All data that a run's model owes something to: what its start learned from, what it learned from itself, what chose its weights.</summary>
    /// <param name="configuration">The run.</param>
    /// <param name="baseFolder">Folder from which its paths are looked up.</param>
    /// <param name="basis">Card of the model that the run began with, or null for the one that the configuration names, if any.</param>
    public static IReadOnlyList<ModelCard.DataUse> Of(TrainingConfiguration configuration, string baseFolder, ModelCard? basis) =>
    [
        .. Encoder(configuration),
        .. Start(configuration, (basis ?? StartingCard(configuration, baseFolder))?.Data ?? DataOfWeights(configuration, baseFolder)),
        .. Uses(configuration.Train, "train", baseFolder), .. Uses(configuration.Keep?.Sets ?? [], "kept", baseFolder),
        .. Uses(configuration.Validate, "validate", baseFolder),
    ];

    /// <summary>
    /// The card of the model that a run begins with: the one that <c>startCard</c> names, or the one beside the model that <c>startFrom</c> names; null where
    /// there is none.
    /// </summary>
    /// <exception cref="ModelException">It is missing or damaged.</exception>
    public static ModelCard? StartingCard(TrainingConfiguration configuration, string baseFolder)
    {
        if (configuration.StartCard is { } file)
        {
            var path = Path.GetFullPath(Path.Combine(baseFolder, file));
            return ModelCard.Parse(File.ReadAllBytes(path), path);
        }

        return configuration.StartModel is { } model ? StartingModel.Load(StartingModel.Place(model, baseFolder)).Card : null;
    }

    // Of a start that is no model and has no card.
    private static IReadOnlyList<ModelCard.DataUse> DataOfWeights(TrainingConfiguration configuration, string baseFolder) =>
        (configuration.StartFrom ?? configuration.WidenFrom ?? configuration.NarrowFrom) is { } file
            ? Read(Path.GetFullPath(Path.Combine(baseFolder, file)))
            : [];

    // What the start has learned from, beside what the run itself learns from. Tiles of users are others each time, of the same source or not. A set of which
    // types were learned too, or on which answers were kept, is named once.
    private static IEnumerable<ModelCard.DataUse> Start(TrainingConfiguration configuration, IReadOnlyList<ModelCard.DataUse> start)
    {
        var learned = start.Where(d => d.Use is "start" or "train").ToList();
        var more = start.Where(d =>
            d.Use is "types" or "kept" && !learned.Exists(l => l.Source.Length > 0 && (l.Source, l.Licence) == (d.Source, d.Licence)));
        return learned
            .Concat(more)
            .Where(d => d.Source == UsersTiles || configuration.Train.All(t => t.Source.Length == 0 || t.Source != d.Source))
            .Select(d => d with { Use = "start" });
    }

    /// <summary>Data sets as a card names them.</summary>
    public static IEnumerable<ModelCard.DataUse> Uses(IEnumerable<DataSetConfiguration> sets, string use, string baseFolder) =>
        sets.Select(s =>
        {
            var images = Path.Combine(Path.GetFullPath(Path.Combine(baseFolder, s.Folder)), "images");
            return new ModelCard.DataUse(
                s.Name,
                use,
                s.Only?.Count
                    ?? (Directory.Exists(images) ? Directory.EnumerateFiles(images).Count(f => TilePicture.Extensions.Contains(Path.GetExtension(f))) : 0),
                s.Licence,
                s.Source,
                s.Mpp);
        });
}
