using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Pipeline;

namespace HoverFast.Jobs;

/// <summary>How this machine segments fastest, as <c>hoverfast tune</c> has measured and remembers it.</summary>
public sealed record Tuning
{
    /// <summary>Name and version of the file's layout.</summary>
    public const string Layout = "hoverfast-tuning/1";

    /// <summary>The variable that names another folder for the program's configuration.</summary>
    public const string FolderVariable = "HOVERFAST_CONFIG_HOME";

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>See <see cref="Layout"/>.</summary>
    public string Format { get; init; } = Layout;

    /// <summary>The machine and the program that it holds for (<see cref="ThisMachine"/>).</summary>
    public required string Machine { get; init; }

    /// <summary>When it was measured, in UTC.</summary>
    public required DateTimeOffset Measured { get; init; }

    /// <summary>The built-in model.</summary>
    public required string Model { get; init; }

    /// <summary>Whether ONNX Runtime runs it, even where the integer engine could.</summary>
    public required bool OnnxRuntime { get; init; }

    /// <summary>Threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Working pixels on a side of a tile.</summary>
    public required int TileSize { get; init; }

    /// <summary>What was reached with them, in mm2 of dense tissue a second.</summary>
    public required double SquareMillimetresPerSecond { get; init; }

    /// <summary>All that was tried.</summary>
    public IReadOnlyList<TuningTrial> Trials { get; init; } = [];

    /// <summary>
    /// The machine and the program in words: processor, cores to use, system, program, engine. A container with other limits is another machine.
    /// </summary>
    public static string ThisMachine
    {
        get
        {
            var version = typeof(NucleusModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{ProcessorName.OfThisMachine}; {ThreadCount.Available} cores; {RuntimeInformation.RuntimeIdentifier}; hoverfast {version}; .NET {Environment.Version}");
        }
    }

    /// <summary>The file in the user's configuration folder: XDG's on Linux, Library on macOS, the local application data on Windows.</summary>
    public static string DefaultPath
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable(FolderVariable);
            if (string.IsNullOrEmpty(folder))
            {
                var root = Environment.GetFolderPath(
                    OperatingSystem.IsWindows() ? Environment.SpecialFolder.LocalApplicationData : Environment.SpecialFolder.ApplicationData,
                    Environment.SpecialFolderOption.DoNotVerify);
                folder = Path.Combine(root, "hoverfast");
            }

            return Path.Combine(folder, "tuning.json");
        }
    }

    /// <summary>Reads what holds for a machine; null where nothing is remembered, or it was measured on another machine or with another program.</summary>
    public static Tuning? TryRead(string path, string machine)
    {
        try
        {
            var tuning = RegularFile.Exists(path) ? JsonSerializer.Deserialize<Tuning>(RegularFile.ReadAllBytes(path), _json) : null;
            return
                tuning is { Format: Layout, Threads: >= 1 and <= ThreadCount.Most, TileSize: >= 1 and <= SegmentSettings.LargestTileSize }
                && tuning.Machine == machine
                && NucleusModel.BuiltIn.Contains(tuning.Model)
                ? tuning
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Remembers it (whole or not at all).</summary>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new PartialFile(path);
        JsonSerializer.Serialize(file.Stream, this, _json);
        file.Complete();
    }

    /// <summary>In words, for the screen and the manifest.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Model}{(OnnxRuntime ? " in ONNX Runtime" : "")}, {Threads} threads, tiles of {TileSize} (measured {Measured:yyyy-MM-dd})");
}
