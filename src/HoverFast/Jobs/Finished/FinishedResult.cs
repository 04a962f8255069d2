using System.Globalization;
using System.Text.RegularExpressions;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Jobs.Finished;

/// <summary>A finished result: its manifest, and the slide opened again as it was when the result was made.</summary>
/// <param name="Folder">The folder of results.</param>
/// <param name="Name">The result's name.</param>
/// <param name="Manifest">How it came about.</param>
internal sealed partial record FinishedResult(string Folder, string Name, Manifest Manifest)
{
    /// <summary>The results of a folder, by name; what is no manifest is left out.</summary>
    public static IEnumerable<FinishedResult> In(string folder) =>
        Manifest.PathsIn(folder)
            .Select(path => Manifest.TryRead(path) is { } manifest ? new FinishedResult(folder, Manifest.NameOf(path), manifest) : null)
            .OfType<FinishedResult>();

    /// <summary>The result that a path names: its manifest, one of its files, or its name in its folder.</summary>
    /// <exception cref="SlideException">It names no result.</exception>
    public static FinishedResult Named(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? string.Empty;
        var name = Path.GetFileName(path);
        name = name.EndsWith(Jobs.Manifest.Ending, StringComparison.Ordinal) ? Jobs.Manifest.NameOf(name) : name;
        var results = Directory.Exists(folder) ? In(folder).ToList() : [];
        return results.Find(r => r.Name == name)
            ?? results.Find(r => r.Manifest.Outputs.Any(o => o.File == name))
            ?? throw new SlideException(path, "is no result: name its manifest (NAME.manifest.json) or one of the files beside it.");
    }

    /// <summary>How far outlines were simplified, in full-resolution pixels.</summary>
    public double Simplify => Manifest.Settings.Simplify;

    /// <summary>Opens the slide with all that the result was made from; what has changed since is refused.</summary>
    /// <param name="path">The slide's file.</param>
    /// <param name="models">Where its model comes from.</param>
    /// <param name="threads">Threads to use.</param>
    /// <exception cref="SlideException">The slide can't be read, or something that the result depends on has changed.</exception>
    /// <exception cref="ModelException">The model isn't there, or is another one.</exception>
    public SlideSession Open(string path, FinishedModels models, int threads)
    {
        var model = models.Of(Manifest);
        var session = SlideSession.Open(path, model, Settings(threads), new SlideCalibrator { Stated = new Mpp(Manifest.Slide.Mpp) });
        try
        {
            if (session.Fingerprint != Manifest.Slide.Fingerprint)
            {
                throw new SlideException(path, $"is not the slide that {Name} was made from: its content has changed.");
            }

            // The measurements that were asked for are part of the key; older manifests don't name them.
            var asMade = Enum.GetValues<MeasurementChoice>().Any(choice =>
                Convert.ToHexStringLower(
                    SlideJob.KeyOf(session.KeyFor(session.Settings with { Measurements = choice }), Simplify, Manifest.LeftOut is not null)) == Manifest.Key);
            return asMade
                ? session
                : throw new SlideException(
                    path,
                    $"{Name} can't be made again from it as it was: the program ({Manifest.Version} then, {Manifest.ProgramVersion()} now), the model's card, the mask, the region or how outlines were simplified has changed. Segment it anew.");
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>The fields that were left out because of artefacts; null where none were asked for.</summary>
    /// <exception cref="SlideException">The manifest's text can't be understood.</exception>
    public ArtefactFields? LeftOut(SlideSession session) =>
        Manifest.LeftOut?.Read(Name, session.Grid.Scale / session.Grid.Mpp.MicronsPerPixel, session.Slide.Bounds);

    /// <summary>The settings that the manifest tells, with all measurements.</summary>
    /// <exception cref="SlideException">They can't be understood.</exception>
    private SegmentSettings Settings(int threads)
    {
        var given = Manifest.Settings;
        try
        {
            return new SegmentSettings
            {
                TileSize = given.TileSize,
                Threads = threads,
                SkipCorrupt = given.SkipCorrupt,
                Stain = Enum.Parse<Stain>(given.Stain),
                Views = given.Views,
                Weights = Manifest.Model.Weights is { } weights ? Enum.Parse<WeightChoice>(weights.Asked) : WeightChoice.Auto,
                Finder = FinderOf(given.Finder),
                Measurements = MeasurementChoice.All,
                ToSrgb = given.ToSrgb,
                MaskFolder = given.MaskFolder,
                Region = given.Region,
            };
        }
        catch (Exception e) when (e is FormatException or ArgumentException or KeyNotFoundException)
        {
            throw new SlideException(Name + Jobs.Manifest.Ending, $"its settings can't be understood ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static FinderSettings FinderOf(string text)
    {
        var values = Named().Matches(text).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value, StringComparer.Ordinal);
        return new FinderSettings
        {
            ProbabilityThreshold = Number(nameof(FinderSettings.ProbabilityThreshold)),
            SplitDepth = Number(nameof(FinderSettings.SplitDepth)),
            BoundaryReach = (int)Number(nameof(FinderSettings.BoundaryReach)),
            MinArea = Number(nameof(FinderSettings.MinArea)),
            MinMeanProbability = Number(nameof(FinderSettings.MinMeanProbability)),
            MinMatchProbability = Number(nameof(FinderSettings.MinMatchProbability)),
            OutlineTolerance = Number(nameof(FinderSettings.OutlineTolerance)),
        };

        double Number(string name) => double.Parse(values[name], CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(\w+) = ([^\s,}]+)")]
    private static partial Regex Named();
}
