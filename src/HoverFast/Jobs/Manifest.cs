using System.Reflection;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;

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

    /// <summary>Tissue whose nuclei are in the outputs, in square millimetres: what was left out because of artefacts isn't in it.</summary>
    internal double CountedTissue => Math.Max(0, Counts.TissueArea - (LeftOut?.Area ?? 0));

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
