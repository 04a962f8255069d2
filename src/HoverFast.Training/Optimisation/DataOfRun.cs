using System.Text.Json;
using HoverFast.Model;
using HoverFast.Model.Checkpoints;
using HoverFast.Training.Data;

namespace HoverFast.Training.Optimisation;

/// <summary>What a run's file of weights says of the data that they owe something to, so that a run which begins with them can say it too.</summary>
internal static class DataOfRun
{
    /// <summary>Where it stands among what the file says of itself.</summary>
    public const string Key = "data";

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
}
