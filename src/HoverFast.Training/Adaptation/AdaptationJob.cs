using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Evaluation;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Export;
using HoverFast.Training.Optimisation;

namespace HoverFast.Training.Adaptation;

/// <summary>The whole of <c>adapt</c>, from checked tiles to model files and report.</summary>
internal sealed class AdaptationJob(StartingModel start, AdaptedModelFiles files, WorkFolder work, TextWriter log)
{
    /// <summary>Most crops of the user's tiles that are kept for adapting again.</summary>
    private const int KeptCrops = 24;

    /// <summary>Side of a kept crop in um.</summary>
    private const double KeptSide = 80;

    private const string ScoresAre = "Its scores are means over pictures; its report gives PQ on known tissue over all nuclei of a set together.";

    private const string Elsewhere = " Slides that don't look like these it leaves to the model that it began from, which lies in its file.";

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>The user's tiles, checked.</summary>
    public required TileCheckReport Tiles { get; init; }

    /// <summary>Licence of the tiles, or empty.</summary>
    public string Licence { get; init; } = "";

    /// <summary>Further sets that must not get worse.</summary>
    public IReadOnlyList<DataSetConfiguration> AlsoCheck { get; init; } = [];

    /// <summary>Pictures without labels.</summary>
    public IReadOnlyList<SlideInput> Unlabelled { get; init; } = [];

    /// <summary>Whether crops of the tiles are kept beside the model.</summary>
    public bool KeepCrops { get; init; } = true;

    /// <summary>How it is adapted.</summary>
    public AdaptationSettings Settings { get; init; } = new();

    /// <summary>Whether it says where the model lies: not where that is on its way elsewhere.</summary>
    public bool TellsPlace { get; init; } = true;

    /// <summary>Where the adaptation is written down, whatever comes of it; null for nowhere.</summary>
    public AdaptationLog? Audit { get; init; }

    /// <summary>What adapting gave, once it ran.</summary>
    public AdaptationResult? Result { get; private set; }

    /// <summary>Adapts, reports, and writes the model if it is better.</summary>
    /// <param name="output">Takes the report.</param>
    /// <param name="cancellation">Ends it at the next step.</param>
    /// <returns>Whether a model was written.</returns>
    public bool Run(TextWriter output, CancellationToken cancellation)
    {
        if (Tiles.Tiles.Count < 2)
        {
            throw new TrainingException(
                Tiles.Folder,
                "holds one tile. Adapting needs at least two, one to learn from and one to judge by; five and more are better.");
        }

        work.Claim(JsonSerializer.Serialize(Describe(), _json));
        var plan = Plan();
        using var adapter = new Adapter(plan, start, work.Path, log);
        ThrowIfLearned(plan, adapter.Tiles);
        var result = adapter.Run(cancellation);
        Result = result;
        var report = new AdaptationReport(start.Card, Tiles.Folder, result);
        output.Write(report.ToText());
        if (!result.IsBetter)
        {
            var gone = files.Delete() ? " The older one there is deleted." : "";
            Audit?.Write(start.Card, (Tiles.Folder, Tiles.Tiles.Count), result, files);
            output.WriteLine($"The tiles got no better. No model is written.{gone} Keep {start.Name}, or label more tiles.");
            return false;
        }

        var staged = files.In(Path.Combine(work.Path, "finished"));
        staged.Delete();
        WriteModels(staged, plan, result);
        report.Write(staged, adapter, cancellation);
        if (KeepCrops)
        {
            WriteCrops(staged.Rehearsal, plan, adapter.Tiles);
        }

        files.TakeFrom(staged);
        Audit?.Write(start.Card, (Tiles.Folder, Tiles.Tiles.Count), result, files);
        if (TellsPlace)
        {
            output.WriteLine($"written: {files.Float32}, {files.Integer}, {files.ReportHtml}");
        }

        return true;
    }

    private AdaptationPlan Plan()
    {
        List<RehearsalSet> known = [.. RehearsalPack.UnpackBuiltIn(Path.Combine(work.Path, "rehearsal"))];
        var beside = RehearsalPack.BesideModel(start.Name);
        if (File.Exists(start.Name) && File.Exists(beside))
        {
            known.AddRange(RehearsalPack.Unpack(beside, Path.Combine(work.Path, "rehearsal-of-start")).Select(s => s with { IsUsers = true }));
            log.WriteLine($"{beside}: the tiles that {start.Card.Name} was adapted to go along: it must stay good on them");
        }

        return new AdaptationPlan
        {
            Tiles = new DataSetConfiguration
            {
                Name = SetName(Tiles.Folder),
                Folder = Tiles.Folder,
                Mpp = Tiles.Mpp,
                Licence = Licence.Length > 0 ? Licence : "not stated",
                Source = DataOfRun.UsersTiles,
            },
            Names = [.. Tiles.Tiles.Select(t => t.File.Name)],
            Rehearsal = known,
            AlsoCheck = AlsoCheck,
            Unlabelled = Unlabelled,
            Settings = Settings,
        };
    }

    // A set's name stands in tables.
    private static string SetName(string folder) =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)) is { Length: > 0 } name && name.IndexOfAny([',', '"', '\n']) < 0 ? name : "tiles";

    // All that decides the result.
    private object Describe() =>
        new
        {
            start = start.Card.Sha256,
            Tiles.Mpp,
            tiles = Tiles.Tiles.Select(t => new PlannedTile(
                t.File.Name,
                t.PictureHash.ToString("x32", CultureInfo.InvariantCulture),
                ModelCard.HashOf(File.ReadAllBytes(t.File.Labels!)),
                KnownLabels.FileOf(Tiles.Folder, t.File.Name) is { } unsure ? ModelCard.HashOf(File.ReadAllBytes(unsure)) : null)),
            Unlabelled = Unlabelled.Select(u => u.Path),
            Settings = Settings with
            {
                Threads = 0,
            },
        };

    private void WriteModels(AdaptedModelFiles to, AdaptationPlan plan, AdaptationResult result)
    {
        var settled = plan with { Settings = result.Settings };
        var run = new AdaptationRun(settled, start, held: [], folder: "", log).Configuration([]) with
        {
            Name = Path.GetFileNameWithoutExtension(to.Float32),
            Train = [plan.Tiles with { Only = plan.Names }, .. plan.Kept],
            Keep = null,
            Description = $"{start.Card.Name}, adapted to the tissue of {plan.Names.Count} labelled tiles ({plan.Tiles.Name}).{(result.Recognition is null ? "" : Elsewhere)} {ScoresAre} {start.Card.Description}",
            Limits = start.Card.Limits,
            Licence = Licence.Length > 0 ? $"{start.Card.Licence}; the tiles it was adapted to: {Licence}" : "",
        };
        var cards = new ExportedModels(to.Float32, to.Integer)
        {
            Inside = result.Recognition is { } known ? precision => known.Inside(known.Whole, precision == "int8" ? IntegerElsewhere(known) : null) : null,
        }.Write(run, "/", result.Weights, start.Card);
        foreach (var (card, path) in cards.Zip([to.Float32, to.Integer]))
        {
            // The tiles as weights scored them that had not learned them; known tissue as the finished model does.
            (card with
            {
                Scores = [.. result.Chosen.All.Select(c => Score(c, c.Second))],
                ScoresBefore = [.. result.Chosen.All.Select(c => Score(c, c.First))],
            }).Save(ModelCard.PathFor(path));
        }
    }

    // The 8-bit twin of the start, or the one that it carries.
    private StartingModel IntegerElsewhere(Recognition known) =>
        start.IntegerTwin() is var twin && known.Elsewhere.Card.Sha256 == start.Card.Sha256 ? twin : twin.Inside ?? known.Elsewhere;

    private static ModelCard.Score Score(PairedReport set, EvaluationReport report) =>
        new(set.Name, report.Images.Count, Math.Round(report.PanopticQuality.Mean, 4), Math.Round(report.Aji.Mean, 4), Math.Round(report.Dice.Mean, 4));

    // By the crops that the start kept: it can't be judged by tiles that it learned.
    private void ThrowIfLearned(AdaptationPlan plan, IEnumerable<LabelledImage> tiles)
    {
        var kept = plan.Rehearsal
            .Where(s => s.IsUsers)
            .SelectMany(s => s.Learned.Concat(s.Checked).Select(n => Path.Combine(s.Folder, "images", n + ".jpg")))
            .Select(f => ModelCard.HashOf(File.ReadAllBytes(f)))
            .ToHashSet(StringComparer.Ordinal);
        List<string> learned = kept.Count == 0 ? [] :
            [.. tiles.Where(t => kept.Contains(ModelCard.HashOf(RgbImageFile.ToJpeg(KeptCrop(t).Image)))).Select(t => t.Name)];
        if (learned.Count > 0)
        {
            throw new TrainingException(
                Tiles.Folder,
                $"{start.Card.Name} learned these tiles already, so that scores on them would say nothing: {string.Join(", ", learned)}. Take them out, since the crops kept with it stand for them, or begin from the model that it began from with all tiles.");
        }
    }

    private static LabelledImage KeptCrop(LabelledImage tile) =>
        CropSelection.Cut(tile, CropSelection.DensestPart(tile, (int)Math.Round(KeptSide / tile.Mpp.MicronsPerPixel)));

    // Also those that the start had kept: it may be adapted a third time.
    private void WriteCrops(string path, AdaptationPlan plan, IEnumerable<LabelledImage> tiles)
    {
        var all = tiles.ToList();
        var count = Math.Min(KeptCrops, all.Count);
        List<LabelledImage> crops =
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => all[(int)((long)i * all.Count / count)])
                .Select(KeptCrop),
        ];
        var names = crops.ConvertAll(c => c.Name);
        var earlier = plan.Rehearsal.Where(s => s.IsUsers).Select(s => (s, Load(s))).ToList();
        var name = Enumerable.Range(1, int.MaxValue).Select(n => $"adapted-{n}").First(n => earlier.TrueForAll(e => e.s.Name != n));
        var set = new RehearsalSet(
            name,
            plan.Tiles.Mpp,
            plan.Tiles.Licence,
            plan.Tiles.Source,
            [.. names.Where((_, i) => i % 2 == 0)],
            [.. names.Where((_, i) => i % 2 == 1)]);
        RehearsalPack.Write(path, [.. earlier, (set, crops)]);

        static IReadOnlyList<LabelledImage> Load(RehearsalSet set) => DataSet.Load(set.ToLearn(1) with { Only = null }, "/").Images;
    }

    // Without a mask as it ever was: work folders of older versions are gone on with.
    private sealed record PlannedTile(
        string Name,
        string Picture,
        string Labels,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Unsure);
}
