using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using HoverFast.Model;
using HoverFast.Training.Data;

namespace HoverFast.Training.Optimisation;

/// <summary>All that the keys of a run's configuration must keep to: the range of each (<see cref="WithinAttribute"/>), and how they relate.</summary>
internal static class ConfigurationRules
{
    /// <summary>What is wrong, a sentence for each key; empty where nothing is.</summary>
    /// <param name="run">The run, its data sets described.</param>
    /// <param name="baseFolder">Folder from which relative paths are looked up.</param>
    public static IReadOnlyList<string> Problems(TrainingConfiguration run, string baseFolder)
    {
        List<string> problems = [.. Ranges(run, "")];
        Network(run, problems);
        Sets(run, baseFolder, problems);
        Start(run, baseFolder, problems);
        Require(run.Name.Length > 0 && run.Name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0, "name: a file's name, not empty");
        Require(run.Kind is "student" or "teacher", $"kind: \"student\" or \"teacher\", not \"{run.Kind}\"");
        Require(run.Learn is "all" or "types", $"learn: \"all\" or \"types\", not \"{run.Learn}\"");
        Types(run, problems);
        Require(
            run.Device is "cpu" or "cuda"
                || run.Device.StartsWith("cuda:", StringComparison.Ordinal)
                    && int.TryParse(run.Device[5..], NumberStyles.None, CultureInfo.InvariantCulture, out _),
            $"device: \"cpu\", \"cuda\" or \"cuda:N\", not \"{run.Device}\"");
        Require(run.Augmentation.MinScale <= run.Augmentation.MaxScale, "augmentation.minScale: not above augmentation.maxScale");
        Require(
            run.Loss.CrossEntropy + run.Loss.Dice > 0 || run.Keep is { OfBatch: true, Weight: > 0 },
            "loss.crossEntropy and loss.dice: not both 0, or no probability is learned (unless keep.ofBatch holds it to the start's)");
        Require(
            run.Keep is not { Batch: 0 } keep || keep.OfBatch || (keep.Weight == 0 && (keep.TypesOfBatch || !keep.Types)),
            "keep.batch: 0 needs keep.ofBatch, or keep.weight 0 and keep.typesOfBatch, since nothing is kept elsewhere");
        return problems;

        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }
    }

    /// <summary>Refuses a run that breaks a rule.</summary>
    /// <param name="run">The run.</param>
    /// <param name="baseFolder">Folder from which relative paths are looked up.</param>
    /// <param name="where">What the message names: the configuration's file, or the command.</param>
    /// <exception cref="TrainingException">A rule is broken; the message names every one.</exception>
    public static void Check(TrainingConfiguration run, string baseFolder, string where)
    {
        if (Problems(run, baseFolder) is { Count: > 0 } problems)
        {
            throw new TrainingException(where, string.Join("; ", problems) + ".");
        }
    }

    private static IEnumerable<string> Ranges(object record, string prefix)
    {
        foreach (var property in record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var key = prefix + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (property.GetCustomAttribute<WithinAttribute>() is { } range)
            {
                if (property.GetValue(record) is { } value && !range.Holds(Convert.ToDouble(value, CultureInfo.InvariantCulture)))
                {
                    var words = string.Create(CultureInfo.InvariantCulture, $"{key}: {range.Words}, not {value}");
                    yield return property.Name == nameof(DataSetConfiguration.Mpp) && value is 0.0
                        ? $"{key}: missing; give the pixel size in um/px, or put a {DataSetInfo.FileName} into the folder"
                        : words;
                }
            }
            else if (property.PropertyType.Assembly == typeof(ConfigurationRules).Assembly && property.GetValue(record) is { } part)
            {
                foreach (var problem in Ranges(part, key + "."))
                {
                    yield return problem;
                }
            }
            else if (typeof(IEnumerable<DataSetConfiguration>).IsAssignableFrom(property.PropertyType) && property.GetValue(record) is IEnumerable sets)
            {
                foreach (var problem in sets.Cast<DataSetConfiguration>().SelectMany((s, i) => Ranges(s, $"{key}[{i}].")))
                {
                    yield return problem;
                }
            }
        }
    }

    private static void Network(TrainingConfiguration run, List<string> problems)
    {
        try
        {
            run.Network.Validate();
            if (run.CropSize % run.Network.Stride != 0)
            {
                problems.Add($"cropSize: a multiple of the network's stride {run.Network.Stride}, not {run.CropSize}");
            }
        }
        catch (ArgumentException e)
        {
            problems.Add(e.Message.TrimEnd('.'));
        }
    }

    private static void Types(TrainingConfiguration run, List<string> problems)
    {
        var count = run.Network.Types?.Count ?? 0;
        if (count != run.Types.Count)
        {
            problems.Add($"types: as many as network.types.count, {count}, not {run.Types.Count}");
        }

        foreach (var type in run.Types.Where(t => t.Name.Length == 0 || t.Colour is not { Count: 3 } || t.Colour.Any(c => c is < 0 or > 255)))
        {
            problems.Add($"types \"{type.Name}\": a name, and a colour of three numbers from 0 to 255");
        }

        var names = run.Types.SelectMany(t => (t.Also ?? []).Prepend(t.Name).Distinct(StringComparer.OrdinalIgnoreCase));
        foreach (var twins in names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            problems.Add($"types: \"{twins.Key}\" stands for two of them");
        }

        if (run.LearnsTypesAlone && (count == 0 || run.StartFrom is null || run.Keep is not null))
        {
            problems.Add("learn \"types\": needs network.types and startFrom, and no keep");
        }
    }

    private static void Sets(TrainingConfiguration run, string baseFolder, List<string> problems)
    {
        if (run.Train.Count == 0)
        {
            problems.Add("train: at least one data set");
        }

        foreach (var (key, sets) in new[] { ("train", run.Train), ("validate", run.Validate) })
        {
            foreach (var twins in sets.GroupBy(s => s.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            {
                problems.Add($"{key}: two sets are named \"{twins.Key}\"");
            }

            if (sets.Any(s => s.Name.Length == 0 || s.Name.IndexOfAny([',', '/', '\\', '"', '\n']) >= 0))
            {
                problems.Add($"{key}: each set needs a name without commas, quotes and slashes");
            }
        }

        foreach (var judged in run.Validate)
        {
            if (run.Train.FirstOrDefault(t => Meet(t, judged)) is { } learned)
            {
                problems.Add($"validate \"{judged.Name}\": its folder {judged.Folder} is trained on too (\"{learned.Name}\"); scores on it would say nothing");
            }
        }

        // One folder may serve both where 'only' keeps the tiles apart.
        bool Meet(DataSetConfiguration a, DataSetConfiguration b) =>
            Whole(a.Folder) == Whole(b.Folder) && (a.Only is null || b.Only is null || a.Only.Intersect(b.Only, StringComparer.Ordinal).Any());

        string Whole(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(baseFolder, folder)));
    }

    private static void Start(TrainingConfiguration run, string baseFolder, List<string> problems)
    {
        (string Key, string? Path)[] files =
        [
            ("startFrom", run.StartFrom),
            ("widenFrom", run.WidenFrom),
            ("narrowFrom", run.NarrowFrom),
            ("encoderFrom", run.EncoderFrom),
            ("startCard", run.StartCard),
        ];
        if (files[..4].Count(f => f.Path is not null) > 1)
        {
            problems.Add("startFrom, widenFrom, narrowFrom, encoderFrom: only one of them");
        }

        foreach (var (key, path) in files)
        {
            if (path is not null
                && !File.Exists(Path.Combine(baseFolder, path))
                && !(key is "startFrom" or "narrowFrom" && NucleusModel.BuiltIn.Contains(path)))
            {
                problems.Add($"{key}: there is no file {Path.GetFullPath(Path.Combine(baseFolder, path))}");
            }
        }
    }
}
