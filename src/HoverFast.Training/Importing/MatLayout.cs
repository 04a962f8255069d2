using HoverFast.Labels;
using HoverFast.Training.Data;

namespace HoverFast.Training.Importing;

/// <summary>Pictures with MATLAB labels: CoNSeP (inst_map and type_map) and Lizard (inst_map, and class by id).</summary>
internal static class MatLayout
{
    /// <summary>Reads the tiles.</summary>
    /// <param name="folder">The data set.</param>
    /// <param name="types">Names of the types by number.</param>
    public static IEnumerable<ImportedTile> Read(string folder, IReadOnlyDictionary<int, string> types)
    {
        foreach (var (name, picture, labels) in FilePairs.Of(folder, ".mat", [".png"], p => Path.GetFileName(Path.GetDirectoryName(p)) != "Overlay"))
        {
            var image = TilePicture.Read(picture);
            var arrays = MatFile.Read(labels);
            var map = arrays.GetValueOrDefault("inst_map") ?? throw new TrainingException(labels, "holds no inst_map.");
            var instances = LabelMap.Of(labels, image.Size, (map.Shape[0], map.Shape[1]), i => map.Values[i]);
            yield return new ImportedTile(name, image, instances, TypesOf(labels, arrays, instances, types));
        }
    }

    private static Dictionary<int, string> TypesOf(
        string path,
        IReadOnlyDictionary<string, NumberArray> arrays,
        LabelImage labels,
        IReadOnlyDictionary<int, string> names)
    {
        if (arrays.TryGetValue("type_map", out var map))
        {
            return map.Values.Length == labels.Labels.Length
                ? LabelMap.Types(labels, i => map.Values[i], names)
                : throw new TrainingException(path, "its type_map and inst_map differ in size.");
        }

        if (arrays.TryGetValue("id", out var ids) && arrays.TryGetValue("class", out var classes))
        {
            return ids.Values.Length == classes.Values.Length
                ? ByLabel(path, ids.Values.Zip(classes.Values, (id, type) => (id, names.GetValueOrDefault((int)type) ?? $"type {type:0}")))
                : throw new TrainingException(path, "its id and class differ in length.");
        }

        return [];
    }

    private static Dictionary<int, string> ByLabel(string path, IEnumerable<(double Id, string Type)> rows)
    {
        var types = new Dictionary<int, string>();
        foreach (var (id, type) in rows)
        {
            if (id is not (>= 1 and <= int.MaxValue) || id != Math.Floor(id) || !types.TryAdd((int)id, type))
            {
                throw new TrainingException(path, $"its id holds {id}, where each label (1, 2 ...) is expected once.");
            }
        }

        return types;
    }
}
