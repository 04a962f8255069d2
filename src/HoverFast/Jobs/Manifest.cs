using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Output;

namespace HoverFast.Jobs;

/// <summary>
/// How a slide's result came about, as JSON beside it: enough to repeat it, to trust it, and to know that it need not be done again.
/// </summary>
public sealed record Manifest
{
    /// <summary>What the names of manifests end in, after the result's name.</summary>
    internal const string Ending = ".manifest.json";

    private const string Layout = "hoverfast-manifest/1";

    /// <summary>Name and version of this layout.</summary>
    public string Format { get; init; } = Layout;

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>When the result was complete, in UTC.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>Hash of all that the result depends on: slide, pixel size, model, settings, program. Lower-case hexadecimal.</summary>
    public required string Key { get; init; }

    /// <summary>The slide.</summary>
    public required ManifestSlide Slide { get; init; }

    /// <summary>The model.</summary>
    public required ManifestModel Model { get; init; }

    /// <summary>The second model, whose disagreement the maps tell; null where there was none.</summary>
    public ManifestModel? SecondModel { get; init; }

    /// <summary>What the maps' channel of disagreement tells ("8 views"); null where there is none.</summary>
    public string? Disagreement { get; init; }

    /// <summary>The settings that shape the result.</summary>
    public required ManifestSettings Settings { get; init; }

    /// <summary>What was found.</summary>
    public required ManifestCounts Counts { get; init; }

    /// <summary>Level-0 regions that could not be decoded and were taken as blank.</summary>
    public required IReadOnlyList<PixelRect> CorruptRegions { get; init; }

    /// <summary>What the user should know, in sentences.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The files of the result.</summary>
    public required IReadOnlyList<ManifestFile> Outputs { get; init; }

    /// <summary>How far the result is to be trusted; null in manifests of old.</summary>
    public ManifestQuality? Quality { get; init; }

    /// <summary>What was left out because of artefacts; null where that was not asked for.</summary>
    public ManifestLeftOut? LeftOut { get; init; }

    /// <summary>What it took.</summary>
    public required ManifestEffort Effort { get; init; }

    /// <summary>The machine.</summary>
    public required ManifestMachine Machine { get; init; }

    /// <summary>Describes a finished slide. The outputs must be complete: their hashes are taken.</summary>
    /// <param name="session">The slide, open.</param>
    /// <param name="key">Hash of all that the result depends on.</param>
    /// <param name="report">What it came to.</param>
    /// <param name="outlines">What became of the outlines.</param>
    /// <param name="folder">The folder of the results.</param>
    /// <param name="outputs">The files of the result.</param>
    /// <param name="simplify">How far outlines were simplified, in full-resolution pixels.</param>
    internal static Manifest Of(
        SlideSession session,
        byte[] key,
        SlideReport report,
        OutlineCounts outlines,
        string folder,
        IEnumerable<ResultFile> outputs,
        double simplify = 0)
    {
        var (slide, card, settings) = (session.Slide, session.Model.Card, session.Settings);
        var warnings = report.Warnings.Select(w => w.Text).ToList();
        if (outlines.Mended > 0)
        {
            warnings.Add($"{outlines.Mended} outlines crossed or touched themselves after rounding and were mended.");
        }

        if (outlines.Dropped > 0)
        {
            warnings.Add($"{outlines.Dropped} nuclei without a valid outline were left out.");
        }

        return new Manifest
        {
            Version = ProgramVersion(),
            Finished = DateTimeOffset.UtcNow,
            Key = Convert.ToHexStringLower(key),
            Slide = new ManifestSlide
            {
                File = Path.GetFileName(session.Path),
                PathHash = ManifestSlide.HashOf(session.Path),
                Format = slide.Format,
                Scanner = slide.Details.Scanner,
                Bytes = RegularFile.Exists(slide.Path) ? RegularFile.LengthOf(slide.Path) : 0,
                Fingerprint = session.Fingerprint,
                Width = slide.Levels[0].Size.Width,
                Height = slide.Levels[0].Size.Height,
                Bounds = slide.Bounds,
                Mpp = session.Calibration.Mpp.MicronsPerPixel,
                MppSource = session.Calibration.Source,
                Tissue = session.Tissue().Source,
            },
            Model = ManifestModel.Of(session.Model, session.Grid.Mpp.MicronsPerPixel) with
            {
                Weights = session.Model.Start is null ? null : ManifestWeights.Of(settings.Weights, session.Weights()),
            },
            Settings = new ManifestSettings
            {
                Stain = settings.Stain.ToString(),
                TileSize = settings.TileSize!.Value,
                Views = settings.Views,
                SkipCorrupt = settings.SkipCorrupt,
                Finder = settings.Finder.ToString(),
                ToSrgb = settings.ToSrgb,
                MaskFolder = settings.MaskFolder,
                Region = settings.Region,
                Simplify = simplify,
            },
            Counts = new ManifestCounts
            {
                Nuclei = outlines.Written,
                Types = session.Types.Count == 0
                    ? null
                    : session.Types.Index().ToDictionary(t => t.Item.Name, t => outlines.OfType(t.Index + 1), StringComparer.Ordinal),
                MendedOutlines = outlines.Mended,
                DroppedNuclei = outlines.Dropped,
                MedianNucleusArea = report.MedianNucleusArea,
                TissueArea = report.TissueArea,
                Tiles = report.Tiles,
                TilesResumed = report.TilesResumed,
            },
            CorruptRegions = report.CorruptRegions,
            Warnings = warnings,
            Outputs = [.. outputs.Select(file => ManifestFile.Of(file, folder))],
            Quality = report.Quality is { } quality ? ManifestQuality.Of(quality) : null,
            LeftOut = report.LeftOut is { } left ? ManifestLeftOut.Of(left) : null,
            Effort = new ManifestEffort
            {
                Seconds = Math.Round(report.Seconds, 3),
                StageSeconds = report.StageSeconds.ToDictionary(s => s.Key.ToString(), s => Math.Round(s.Value, 3), StringComparer.Ordinal),
                Threads = settings.Threads,
                Device = ExecutionProviders.NameOf(report.Device),
                Tuning = settings.Tuning,
                PeakMemoryBytes = report.PeakMemory,
                MegapixelsPerSecond = Math.Round(report.MegapixelsPerSecond, 3),
            },
            Machine = ManifestMachine.This(),
        };
    }

    /// <summary>The place of a slide's manifest beside an output, for example NAME.manifest.json.</summary>
    /// <param name="folder">The folder of the results.</param>
    /// <param name="name">The slide's name without its ending.</param>
    public static string PathFor(string folder, string name) => Path.Combine(folder, name + Ending);

    /// <summary>The pixel size in um of the slide that a result's file is of, by the manifest beside it; null where there is none.</summary>
    /// <param name="file">One of a result's files.</param>
    public static double? MppOf(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        var (folder, name) = (Path.GetDirectoryName(Path.GetFullPath(file)), Path.GetFileName(file));
        return Directory.Exists(folder)
            ? PathsIn(folder).Select(TryRead).FirstOrDefault(m => m?.Outputs.Any(o => o.File == name) == true)?.Slide.Mpp
            : null;
    }

    /// <summary>The manifests of a folder of results, in the order of their names.</summary>
    internal static IEnumerable<string> PathsIn(string folder) => Directory.EnumerateFiles(folder, "*" + Ending).Order(StringComparer.Ordinal);

    /// <summary>The name of the result that a manifest is of.</summary>
    internal static string NameOf(string path) => Path.GetFileName(path)[..^Ending.Length];

    /// <summary>Reads a manifest; null where there is none, it can't be understood or is of another layout (the slide then counts as not done).</summary>
    public static Manifest? TryRead(string path)
    {
        try
        {
            return
                RegularFile.Exists(path)
                && JsonSerializer.Deserialize(RegularFile.ReadAllBytes(path), ManifestJson.Relaxed.Manifest) is { Format: Layout } manifest
                && manifest.Outputs.All(o => o is not null)
                ? manifest
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the result still holds: made from the same slide, model and settings, and all its files are there with the bytes that were written.
    /// </summary>
    /// <param name="key">What the result would be made from now.</param>
    /// <param name="folder">The folder of the results.</param>
    /// <param name="wanted">The files that are wanted now.</param>
    internal bool StillHolds(byte[] key, string folder, IEnumerable<ResultFile> wanted) =>
        Key == Convert.ToHexStringLower(key)
        && wanted.All(file => Outputs.Any(o => o.Kind == file.Kind && o.ColouredBy == file.ColouredBy))
        && Outputs.All(o => o.IsWholeIn(folder));

    /// <summary>
    /// The same with the files of an earlier run to the same nuclei that this one did not write: they are of one result, and whoever replaces that must know
    /// of them.
    /// </summary>
    /// <param name="earlier">The manifest of that run, of the same key.</param>
    /// <param name="folder">The folder of the results.</param>
    internal Manifest With(Manifest earlier, string folder)
    {
        var others = earlier.Outputs.Where(o => Outputs.All(mine => mine.File != o.File) && o.IsWholeIn(folder)).ToList();
        var hasMaps = others.Exists(o => o.Kind == ResultKind.Maps);
        return this with
        {
            Outputs = [.. Outputs, .. others],
            SecondModel = hasMaps ? earlier.SecondModel : SecondModel,
            Disagreement = hasMaps ? earlier.Disagreement : Disagreement,
        };
    }

    /// <summary>Writes the manifest (whole or not at all).</summary>
    public void Write(string path)
    {
        using var file = new PartialFile(path);
        JsonSerializer.Serialize(file.Stream, this, ManifestJson.Relaxed.Manifest);
        file.Stream.WriteByte((byte)'\n');
        file.Complete();
    }

    /// <summary>The program's version, with the commit that it was built from.</summary>
    internal static string ProgramVersion() =>
        typeof(Manifest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}

/// <summary>The slide of a result.</summary>
public sealed record ManifestSlide
{
    /// <summary>File name.</summary>
    public required string File { get; init; }

    /// <summary>
    /// Hash of the file's whole path, lower-case hexadecimal: tells whether a result's name belongs to this input, and no folder of patients' names.
    /// </summary>
    // A file of old leaves it out; the generated reader then sets null, whatever the default.
    public string PathHash { get; init => field = value ?? ""; } = "";

    /// <summary>Format in words.</summary>
    public required string Format { get; init; }

    /// <summary>The scanner or program that the slide names; null where it names none, and in manifests of old.</summary>
    public string? Scanner { get; init; }

    /// <summary>Length of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Hash that tells slides apart, lower-case hexadecimal.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Full-resolution pixels in a row.</summary>
    public required int Width { get; init; }

    /// <summary>Full-resolution rows.</summary>
    public required int Height { get; init; }

    /// <summary>The part that holds the scan; coordinates count from its corner.</summary>
    public required PixelRect Bounds { get; init; }

    /// <summary>Pixel size in um at full resolution.</summary>
    public required double Mpp { get; init; }

    /// <summary>Where the pixel size comes from.</summary>
    public required string MppSource { get; init; }

    /// <summary>How the tissue was told from the glass.</summary>
    public required string Tissue { get; init; }

    /// <summary>
    /// Whether this is an input: the same place, whatever lies there now, or the same slide, wherever it lies. Manifests of old tell the file's name alone.
    /// </summary>
    internal bool IsOf(string path, string fingerprint) =>
        Fingerprint == fingerprint || (PathHash.Length > 0 ? PathHash == HashOf(path) : File == Path.GetFileName(path));

    internal static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Path.GetFullPath(path))));
}

/// <summary>The model of a result.</summary>
public sealed record ManifestModel
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the weights.</summary>
    public required string Version { get; init; }

    /// <summary>Licence of the weights.</summary>
    public required string Licence { get; init; }

    /// <summary>SHA-256 of the model file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What ran it.</summary>
    public string Engine { get; init => field = value ?? ""; } = "";

    /// <summary>Pixel size in um at which the slide was shown to it.</summary>
    public required double Mpp { get; init; }

    /// <summary>Which of its weights segmented, for a model that carries the one it was adapted from; null for others.</summary>
    public ManifestWeights? Weights { get; init; }

    /// <summary>Describes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="mpp">Pixel size in um at which the slide was shown to it.</param>
    internal static ManifestModel Of(NucleusModel model, double mpp) => new()
    {
        Name = model.Card.Name,
        Version = model.Card.Version,
        Licence = model.Card.Licence,
        Sha256 = model.Card.Sha256,
        Mpp = mpp,
        Engine = model.Engine,
    };
}

/// <summary>Which weights of an adapted model segmented a slide.</summary>
public sealed record ManifestWeights
{
    /// <summary>What was asked for: "Auto", "Adapted" or "Start".</summary>
    public required string Asked { get; init; }

    /// <summary>Name of the model that segmented: the adapted one, or one inside of it from which it was adapted.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of that one's ONNX file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Share of the tissue looked at that looks like the tiles that the model was adapted to, 0 to 1; null where nothing was looked at.</summary>
    public double? OwnShare { get; init; }

    /// <summary>Places looked at.</summary>
    public int Places { get; init; }

    internal static ManifestWeights Of(WeightChoice asked, ChosenWeights chosen) => new()
    {
        Asked = asked.ToString(),
        Name = chosen.Model.Card.Name,
        Sha256 = chosen.Model.Card.Sha256,
        OwnShare = chosen.OwnShare is { } share ? Math.Round(share, 3) : null,
        Places = chosen.Places,
    };
}

/// <summary>The settings of a result.</summary>
public sealed record ManifestSettings
{
    /// <summary>The stain.</summary>
    public required string Stain { get; init; }

    /// <summary>Working pixels on a side of a tile.</summary>
    public required int TileSize { get; init; }

    /// <summary>Mirrored and turned views of each tile whose answers were averaged.</summary>
    public int Views { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>Whether damaged regions were taken as blank.</summary>
    public required bool SkipCorrupt { get; init; }

    /// <summary>How maps became nuclei.</summary>
    public required string Finder { get; init; }

    /// <summary>Whether colours were brought to sRGB where the file carries an ICC profile.</summary>
    public bool ToSrgb { get; init; }

    /// <summary>The folder of tissue masks, or null.</summary>
    public string? MaskFolder { get; init; }

    /// <summary>The region that was searched, or null.</summary>
    public string? Region { get; init; }

    /// <summary>How far outlines were simplified, in full-resolution pixels; 0 where they were not.</summary>
    public double Simplify { get; init; }
}

/// <summary>What was found.</summary>
public sealed record ManifestCounts
{
    /// <summary>Nuclei in the outputs.</summary>
    public required long Nuclei { get; init; }

    /// <summary>Nuclei by type, where the model knows types; else null.</summary>
    public IReadOnlyDictionary<string, long>? Types { get; init; }

    /// <summary>Outlines that were invalid after rounding and were mended.</summary>
    public required long MendedOutlines { get; init; }

    /// <summary>Nuclei left out because no valid outline remained.</summary>
    public required long DroppedNuclei { get; init; }

    /// <summary>Median area of the nuclei in square microns, or null.</summary>
    public double? MedianNucleusArea { get; init; }

    /// <summary>Tissue searched, in square millimetres.</summary>
    public required double TissueArea { get; init; }

    /// <summary>Tiles searched.</summary>
    public required int Tiles { get; init; }

    /// <summary>Tiles taken from the journal of an interrupted run.</summary>
    public required int TilesResumed { get; init; }
}

/// <summary>A file of a result.</summary>
public sealed record ManifestFile
{
    /// <summary>What it holds.</summary>
    public ResultKind? Kind { get; init; }

    /// <summary>What its colours tell, where that is not the usual; else null.</summary>
    public string? ColouredBy { get; init; }

    /// <summary>Its path from the manifest's folder, with slashes.</summary>
    public required string File { get; init; }

    /// <summary>Length.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Where the file is in its manifest's folder; null where the path leads out of it, as in no manifest of ours.</summary>
    internal string? PathIn(string folder)
    {
        var path = Path.GetFullPath(Path.Combine(folder, File));
        return path.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : null;
    }

    /// <summary>Whether the file in a folder still holds what is described: its length first, which is told at once, then its hash.</summary>
    internal bool IsWholeIn(string folder)
    {
        try
        {
            return PathIn(folder) is { } path && RegularFile.Exists(path) && RegularFile.LengthOf(path) == Bytes && RegularFile.HashOf(path) == Sha256;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Describes a file that is there.</summary>
    internal static ManifestFile Of(ResultFile file, string folder) => new()
    {
        Kind = file.Kind,
        ColouredBy = file.ColouredBy,
        File = Path.GetRelativePath(folder, file.Path).Replace(Path.DirectorySeparatorChar, '/'),
        Bytes = RegularFile.LengthOf(file.Path),
        Sha256 = RegularFile.HashOf(file.Path),
    };
}

/// <summary>What a result took.</summary>
public sealed record ManifestEffort
{
    /// <summary>Wall-clock seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds per stage, summed over threads.</summary>
    public required IReadOnlyDictionary<string, double> StageSeconds { get; init; }

    /// <summary>Threads that could be busy at once.</summary>
    public required int Threads { get; init; }

    /// <summary>Where the network ran.</summary>
    public string Device { get; init => field = value ?? "cpu"; } = "cpu";

    /// <summary>What chose the threads and the tile size, where a measurement of the machine did.</summary>
    public string? Tuning { get; init; }

    /// <summary>The most memory that the process has held.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Million full-resolution pixels of tissue per second.</summary>
    public required double MegapixelsPerSecond { get; init; }
}

/// <summary>The machine of a result.</summary>
public sealed record ManifestMachine
{
    /// <summary>Operating system.</summary>
    public required string System { get; init; }

    /// <summary>Processor architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>Cores that the process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>The run time.</summary>
    public required string Runtime { get; init; }

    /// <summary>This machine. Its name is left out on purpose: manifests are shared.</summary>
    internal static ManifestMachine This() => new()
    {
        System = RuntimeInformation.OSDescription,
        Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
        Cores = ThreadCount.Available,
        Runtime = RuntimeInformation.FrameworkDescription,
    };
}

/// <summary>Writes manifests without reflection, so that ahead-of-time compiled programs can.</summary>
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    /// <summary>Indented, in camel case, with umlauts and micro signs as they are.</summary>
    public static ManifestJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter<ResultKind>(JsonNamingPolicy.CamelCase) },
    });
}
