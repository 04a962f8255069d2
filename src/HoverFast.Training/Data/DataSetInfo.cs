using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Files;

namespace HoverFast.Training.Data;

/// <summary>
/// What a data set's folder says of itself, in FOLDER/dataset.json: <c>hoverfast datasets import</c> writes it, people may. Training takes from it what a
/// configuration leaves out.
/// </summary>
public sealed record DataSetInfo
{
    /// <summary>The file's name.</summary>
    public const string FileName = "dataset.json";

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    /// <summary>Short name of the set.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where the data comes from: authors, publication, address.</summary>
    public string Source { get; init; } = "";

    /// <summary>Its licence, for example "CC BY 4.0".</summary>
    public string Licence { get; init; } = "";

    /// <summary>Pixel size of the images in um/px.</summary>
    public double? Mpp { get; init; }

    /// <summary>Names of the nucleus types in types/*.csv; null where the set has none.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>Anything else that who trains on it should know.</summary>
    public string? Notes { get; init; }

    /// <summary>Reads a folder's file; null where it has none.</summary>
    /// <exception cref="TrainingException">The file is damaged.</exception>
    public static DataSetInfo? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<DataSetInfo>(File.ReadAllBytes(path), _json);
        }
        catch (JsonException e)
        {
            throw new TrainingException(path, $"doesn't describe a data set ({e.Message}).", e);
        }
    }

    /// <summary>Writes the folder's file, whole or not at all.</summary>
    public void Write(string folder) => PartialFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, _json) + "\n");
}
