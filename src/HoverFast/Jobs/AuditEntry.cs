using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HoverFast.Jobs;

/// <summary>A line of a results folder's audit log: who did what when, with which program and model, and the hash of what came out.</summary>
internal sealed partial record AuditEntry
{
    /// <summary>The log's name in a folder of results.</summary>
    public const string FileName = "audit.jsonl";

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>Who runs this program: the user's name on the machine, or the number where it has none, as a container hardly ever knows who started it.</summary>
    public static string Me => Environment.UserName is { Length: > 0 } name ? name
        : OperatingSystem.IsWindows() ? "unknown"
        : string.Create(CultureInfo.InvariantCulture, $"user {EffectiveUser()}");

    /// <summary>Who: the name that the user has on the machine.</summary>
    public required string Who { get; init; }

    /// <summary>What was done: segmented, edited, model added, model promoted, signed, validated, control held ...</summary>
    public required string What { get; init; }

    /// <summary>Name of the result that it was done to.</summary>
    public required string Result { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Program { get; init; }

    /// <summary>SHA-256 of the model.</summary>
    public string Model { get; init; } = "";

    /// <summary>SHA-256 of the file that it is about, the manifest's for a run; empty where there is none.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>
    /// The log, by its path in the folder, that has the deed in full: of a review or of the models; null where there is none. <see cref="Sha256"/> then is the
    /// hash of its entry.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Log { get; init; }

    /// <summary>The number of that log's entry, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Number { get; init; }

    /// <summary>Files that came out of the deed, by their paths from the log's folder, with their SHA-256; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Files { get; init; }

    /// <summary>What else is to be told, in words; null where nothing is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>The entry as it goes into the log.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, AuditJson.OneLine.AuditEntry);

    /// <summary>The path of a file from a folder of results, with slashes.</summary>
    public static string PathIn(string results, string path) => Path.GetRelativePath(results, path).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>The hashes of files for <see cref="Files"/>; null where there are no files.</summary>
    /// <param name="log">The log.</param>
    /// <param name="files">The files, whole.</param>
    public static IReadOnlyDictionary<string, string>? HashesOf(string log, IReadOnlyCollection<string> files)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(log))!;
        return files.Count == 0 ? null : files.ToDictionary(f => PathIn(folder, f), ResultVerification.HashOf, StringComparer.Ordinal);
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint EffectiveUser();

    /// <summary>Reads an entry; null where it is none of ours.</summary>
    public static AuditEntry? TryParse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, AuditJson.OneLine.AuditEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
