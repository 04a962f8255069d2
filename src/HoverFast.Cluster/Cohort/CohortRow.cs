using System.Globalization;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Jobs;

namespace HoverFast.Cluster.Cohort;

/// <summary>
/// A slide of a cohort: all single values of its manifest by the name of their column. Members of the manifest that this program does not know (a
/// later version's, another part's) become columns as well.
/// </summary>
/// <param name="Name">The name of the slide's result.</param>
/// <param name="Values">Numbers as double, truth values as bool, texts as string.</param>
/// <param name="Outputs">The files of the result, from the manifest's folder.</param>
internal sealed record CohortRow(string Name, IReadOnlyDictionary<string, object> Values, IReadOnlyList<string> Outputs)
{
    // What the members of manifests are called in tables; others are called by their path.
    private static readonly Dictionary<string, string> _names = new(StringComparer.Ordinal)
    {
        ["slide_file"] = "file",
        ["slide_format"] = "format",
        ["slide_bytes"] = "bytes",
        ["slide_fingerprint"] = "fingerprint",
        ["slide_width"] = "width_px",
        ["slide_height"] = "height_px",
        ["slide_mpp"] = "mpp",
        ["slide_mpp_source"] = "mpp_source",
        ["slide_tissue"] = "tissue_source",
        ["model_name"] = "model",
        ["counts_nuclei"] = "nuclei",
        ["counts_median_nucleus_area"] = "median_nucleus_area_um2",
        ["counts_tissue_area"] = "tissue_mm2",
        ["counts_tiles"] = "tiles",
        ["effort_seconds"] = "seconds",
        ["effort_threads"] = "threads",
        ["effort_peak_memory_bytes"] = "peak_memory_bytes",
        ["settings_stain"] = "stain",
    };

    // A hash of a path, a layout's name, and places in pixels say nothing of a slide.
    private static readonly HashSet<string> _leftOut = new(StringComparer.Ordinal) { "format", "slide_path_hash", "outputs", "corrupt_regions", "warnings" };

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="InvalidDataException">It is none; the message names the file.</exception>
    public static CohortRow Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(RegularFile.ReadAllBytes(path));
            var name = Manifest.NameOf(path);
            var root = document.RootElement;
            var values = new Dictionary<string, object>(StringComparer.Ordinal) { ["slide"] = name };
            Flatten(root, "", values);
            if (values.GetValueOrDefault("nuclei") is double nuclei && values.GetValueOrDefault("tissue_mm2") is double and > 0 and var tissue)
            {
                // Nuclei in fields with artefacts are in no count, so their tissue isn't either.
                var counted = tissue - (values.GetValueOrDefault("left_out_area") is double left ? left : 0);
                if (counted > 0)
                {
                    values["density_per_mm2"] = nuclei / counted;
                }
            }

            var warnings = List(root, "warnings").Select(w => w.ToString()).ToList();
            values["warnings"] = string.Join(" ", warnings);
            values["warning_count"] = (double)warnings.Count;
            values["corrupt_regions"] = (double)List(root, "corruptRegions").Count();
            return new CohortRow(name, values, [.. List(root, "outputs").Select(o => o.GetProperty("file").GetString() ?? "")]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} can't be read as a manifest ({e.Message.TrimEnd('.')}); segment that slide again.", e);
        }
    }

    /// <summary>A number, or NaN where there is none.</summary>
    public double Number(string column) => Values.GetValueOrDefault(column) is double number ? number : double.NaN;

    /// <summary>A text, or nothing.</summary>
    public string Text(string column) => Values.GetValueOrDefault(column) as string ?? "";

    private static IEnumerable<JsonElement> List(JsonElement root, string member) =>
        root.TryGetProperty(member, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static void Flatten(JsonElement element, string path, Dictionary<string, object> values)
    {
        foreach (var member in element.EnumerateObject())
        {
            var column = path.Length == 0 ? Snake(member.Name) : $"{path}_{Snake(member.Name)}";
            if (_leftOut.Contains(column))
            {
                continue;
            }

            var name = _names.GetValueOrDefault(column, column);

            // Two names that differ by what no column's name can hold.
            for (var i = 2; values.ContainsKey(name); i++)
            {
                name = string.Create(CultureInfo.InvariantCulture, $"{_names.GetValueOrDefault(column, column)}_{i}");
            }

            switch (member.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    Flatten(member.Value, column, values);
                    break;
                case JsonValueKind.Number:
                    values[name] = member.Value.GetDouble();
                    break;
                case JsonValueKind.String:
                    values[name] = member.Value.GetString()!;
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    values[name] = member.Value.GetBoolean();
                    break;
                default:
                    // Lists and what is left empty have no single value.
                    break;
            }
        }
    }

    /// <summary>A name in small letters, digits and underscores, as tables like them: stageSeconds is stage_seconds.</summary>
    internal static string Snake(string name)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsUpper(c) && i > 0 && !char.IsUpper(name[i - 1]) && text[^1] != '_')
            {
                text.Append('_');
            }

            if (char.IsAsciiLetterOrDigit(c))
            {
                text.Append(char.ToLowerInvariant(c));
            }
            else if (text.Length > 0 && (c == '+' || (c == '-' && i == name.Length - 1)))
            {
                // CD3+ and CD3- are two types.
                text.Append(text[^1] == '_' ? "" : "_").Append(c == '+' ? "positive" : "negative");
            }
            else if (text.Length > 0 && text[^1] != '_')
            {
                text.Append('_');
            }
        }

        return text.ToString().TrimEnd('_');
    }
}
