using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HoverFast.Cli.Screens;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Tissue;
using HoverFast.Training.Data;

namespace HoverFast.Training.Distillation;

/// <summary>
/// Makes a teaching set: FOLDER/{train,test}/{images,labels,maps}, a picture, the teacher's instances and its soft maps for each tile, and
/// FOLDER/manifest.json. Each of the two is a data set that <c>train</c> takes. A run that was killed goes on with the tiles that are not there yet.
/// </summary>
internal sealed class TeachingSet
{
    private const string ManifestFile = "manifest.json";
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };
    private readonly string _folder;
    private readonly Teacher _teacher;
    private readonly TeachingSettings _settings;
    private readonly TextWriter _log;
    private JsonElement _description;
    private bool _begun;

    public TeachingSet(string folder, Teacher teacher, TeachingSettings settings, TextWriter log)
    {
        _folder = folder;
        _teacher = teacher;
        _settings = settings;
        _log = log;
    }

    /// <summary>Labels tiles of slides (or whole pictures).</summary>
    /// <param name="slides">The slides; their names become those of the tiles.</param>
    /// <param name="cancellation">Ends it; the same call goes on.</param>
    /// <returns>Slides that could not be read; they are reported and left out.</returns>
    public int LabelSlides(IReadOnlyList<SlideInput> slides, CancellationToken cancellation)
    {
        Describe([.. slides.Select(SourceOf)], [.. slides.Select(s => _settings.Calibrator.Given(s.Path)?.MicronsPerPixel)]);
        var test = TileSelection.TestGroups(slides.Select(GroupOf), _settings.TestShare, _settings.Seed);
        if (_settings.TestShare > 0 && test.Count == 0)
        {
            _log.WriteLine(NoTest(slides));
        }

        var tiles = new List<TeachingTile>();
        var failed = 0;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < slides.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                tiles.AddRange(LabelSlide(slides[i], test.Contains(GroupOf(slides[i])) ? "test" : "train", cancellation));
            }
            catch (SlideException e)
            {
                failed++;
                _log.WriteLine($"left out: {e.Message}");
            }

            if ((i + 1) % Math.Max(1, slides.Count / 20) == 0 || i + 1 == slides.Count)
            {
                var left = clock.Elapsed * ((slides.Count - i - 1) / (i + 1.0));
                _log.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{i + 1}/{slides.Count} slides  {tiles.Count} tiles  {tiles.Sum(t => t.Nuclei)} nuclei  {TimeLeft.Text(left)} left"));
            }
        }

        if (tiles.Count > 0)
        {
            WriteManifest(tiles);
        }

        return failed;
    }

    // Only once a slide was opened: what was asked by mistake leaves nothing behind.
    private void Begin()
    {
        if (_begun)
        {
            return;
        }

        foreach (var split in new[] { "train", "test" })
        {
            foreach (var kind in new[] { "images", "labels", "maps" })
            {
                Directory.CreateDirectory(Path.Combine(_folder, split, kind));
            }

            MapsInfo.Write(Path.Combine(_folder, split, "maps"), _teacher.Mpp);
        }

        WriteManifest([]);
        _begun = true;
    }

    /// <summary>Adds the teacher's soft maps to a data set that people labelled, as FOLDER/maps; its images and labels stay where they are.</summary>
    public void LabelDataSet(DataSetConfiguration set, CancellationToken cancellation)
    {
        var data = DataSet.Load(set, "/");
        Describe([Path.GetFileName(set.Folder)], [set.Mpp]);
        WriteManifest([]);
        var maps = Directory.CreateDirectory(Path.Combine(_folder, "maps")).FullName;
        MapsInfo.Write(maps, _teacher.Mpp);
        var done = 0;
        var clock = Stopwatch.StartNew();
        Parallel.ForEach(data.Images, new ParallelOptions { MaxDegreeOfParallelism = _settings.Threads, CancellationToken = cancellation }, image =>
        {
            var path = Path.Combine(maps, image.Name + ".png");
            if (!File.Exists(path))
            {
                using var slide = new ImageSlide(image.Name, "picture", image.Image);
                var sampler = new SlideSampler(slide, image.Mpp, _teacher.Mpp);
                _teacher.Predict(sampler, sampler.Grid.Whole).Write(path);
            }

            var count = Interlocked.Increment(ref done);
            if (count % Math.Max(1, data.Images.Count / 10) == 0)
            {
                var left = clock.Elapsed * ((data.Images.Count - count) / (double)count);
                _log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count}/{data.Images.Count} images  {TimeLeft.Text(left)} left"));
            }
        });
    }

    private List<TeachingTile> LabelSlide(SlideInput input, string split, CancellationToken cancellation)
    {
        using var slide = Slide.Open(input.Path);
        var mpp = _settings.Calibrator.Resolve(slide).Mpp;
        var sampler = new SlideSampler(slide, mpp, _teacher.Mpp);
        var mask = _settings.MaskFolder is { } folder
            ? MaskImage.Read(
                MaskImage.Find(folder, input.Path) ?? throw new SlideException(input.Path, $"has no mask in {folder}."),
                slide.Levels[0].Size,
                slide.Bounds,
                mpp)
            : TissueDetector.Detect(slide, mpp, _settings.Threads, cancellation);
        Begin();
        var rects = TileSelection.Choose(input.Name, sampler.Grid, mask, _settings.TilesPerSlide, _settings.TileSide, _settings.Seed);
        var tiles = new TeachingTile[rects.Count];
        Parallel.For(0, rects.Count, new ParallelOptions { MaxDegreeOfParallelism = _settings.Threads, CancellationToken = cancellation }, i =>
        {
            var rect = rects[i];
            var name = rects.Count == 1 ? input.Name : string.Create(CultureInfo.InvariantCulture, $"{input.Name}_{rect.X}_{rect.Y}");
            tiles[i] = LabelTile(sampler, rect, name, SourceOf(input), split);
        });
        return [.. tiles];
    }

    private TeachingTile LabelTile(SlideSampler sampler, WorkingRect rect, string name, string slide, string split)
    {
        var folder = Path.Combine(_folder, split);
        var labelsPath = Path.Combine(folder, "labels", name + ".png");
        var mapsPath = Path.Combine(folder, "maps", name + ".png");
        SoftMaps soft;
        LabelImage labels;
        if (File.Exists(mapsPath))
        {
            soft = SoftMaps.Read(mapsPath);
            labels = LabelImageFile.Read(labelsPath);
        }
        else
        {
            soft = _teacher.Predict(sampler, rect);
            labels = DrawnNuclei.Of(soft.Maps, sampler.Grid.Mpp, new PixelSize(rect.Width, rect.Height));
            RgbImageFile.WritePng(Path.Combine(folder, "images", name + ".png"), sampler.Read(rect));
            LabelImageFile.WritePng(labelsPath, labels);

            // Last, so that its being there says that the tile is whole.
            soft.Write(mapsPath);
        }

        return new TeachingTile(name, slide, rect.X, rect.Y, rect.Width, rect.Height, split, labels.Labels.Max(), Math.Round(MeanAgreement(soft), 4));
    }

    private static double MeanAgreement(SoftMaps soft)
    {
        const int seen = 13; // 5 % of 255: some view sees a nucleus
        double sum = 0, count = 0;
        for (var i = 0; i < soft.Agreement.Length; i++)
        {
            if (soft.Maps.Probability[i] >= seen)
            {
                sum += soft.Agreement[i] / 255.0;
                count++;
            }
        }

        return count == 0 ? 1 : sum / count;
    }

    private static string GroupOf(SlideInput slide) => LabelledImage.GroupOf(slide.Name);

    // The file's name alone where tiles are called after it, as in sets of older versions: these are gone on with.
    private static string SourceOf(SlideInput slide) => Path.GetFileName(slide.Path) is var file && slide.Name == Path.GetFileNameWithoutExtension(file)
        ? file
        : $"{slide.Name} ({file})";

    private string NoTest(IReadOnlyList<SlideInput> slides)
    {
        string[] groups = [.. slides.Select(GroupOf).Distinct(StringComparer.Ordinal)];
        return "warning: no tile is kept for testing: " + (groups.Length == 1 && slides.Count > 1
            ? $"by what their names begin with, all slides are of one patient, {groups[0]}. Put a double underscore after the patient or slide (roi_1__a), "
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{_settings.TestShare} of {groups.Length} patients or slides is less than one. Give more slides or a larger --test-share, "))
            + "or --test-share 0 where none shall be.";
    }

    // Refuses a folder that holds another set.
    private void Describe(IReadOnlyList<string> sources, IReadOnlyList<double?> pixelSizes)
    {
        var path = Path.Combine(_folder, ManifestFile);
        var description = JsonSerializer.SerializeToNode(Description(sources), _json)!.AsObject();

        // Sets of older versions lack the pixel sizes that were given, and are gone on with.
        var older = JsonSerializer.SerializeToElement(description);
        if (pixelSizes.Any(p => p is not null))
        {
            description["pixelSizes"] = JsonSerializer.SerializeToNode(pixelSizes);
        }

        _description = JsonSerializer.SerializeToElement(description);
        if (File.Exists(path))
        {
            using var known = JsonDocument.Parse(File.ReadAllBytes(path));
            if (!known.RootElement.TryGetProperty("settings", out var before)
                || !(JsonElement.DeepEquals(before, _description) || JsonElement.DeepEquals(before, older)))
            {
                throw new TrainingException(
                    path,
                    "belongs to a set that was made with another teacher, other slides or other settings, or by a version that mixed up slides of one name. "
                    + "Give another folder, or delete that one.");
            }
        }
    }

    private void WriteManifest(IReadOnlyList<TeachingTile> tiles) =>
        PartialFile.Write(Path.Combine(_folder, ManifestFile), file => JsonSerializer.Serialize(file, new { settings = _description, tiles }, _json));

    private object Description(IReadOnlyList<string> sources) => new
    {
        teachers = _teacher.Identity.ToArray(),
        views = _teacher.Views,
        mpp = _teacher.Mpp.MicronsPerPixel,
        _settings.TilesPerSlide,
        _settings.TileSide,
        _settings.TestShare,
        _settings.Seed,
        masks = _settings.MaskFolder is null ? null : Path.GetFileName(_settings.MaskFolder),
        sources,
    };
}
