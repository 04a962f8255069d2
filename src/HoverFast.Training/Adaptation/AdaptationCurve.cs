using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using static TorchSharp.torch;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Measures what adapting gives: PQ on own tissue and on other sets against the number of labelled tiles. Half of each tissue's tiles judge and are never
/// learned from; the same half for every number of tiles, way and seed.
/// </summary>
internal sealed class AdaptationCurve(CurveConfiguration configuration, string folder, int threads, TextWriter log)
{
    private const string Unlabelled = "unlabelled";
    private const string ForAllSlides = "for-all-slides";
    private readonly StartingModel _start = StartingModel.Load(configuration.Model);
    private readonly List<CurvePoint> _points = [];

    /// <summary>Measures what is not in the table yet; table and picture are written after each model, so that a run that was stopped has them.</summary>
    public IReadOnlyList<CurvePoint> Measure(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        _points.AddRange(CurveTable.Read(folder));
        if (_points.Count > 0)
        {
            // Of a version that drew at its end.
            CurveTable.Write(_points, folder);
        }

        var tissues = configuration.Tissues.Select(s => (Set: s, Images: Load(s).OrderBy(i => i.Name, StringComparer.Ordinal).ToList())).ToList();
        var judges = tissues.Select(t => (t.Set.Name, Images: (IReadOnlyList<LabelledImage>)[.. t.Images.Where((_, i) => i % 2 == 1)]))
            .Concat(configuration.Others.Select(o => (o.Name, Images: Load(o)))).ToList();
        var rehearsal = RehearsalPack.UnpackBuiltIn(Path.Combine(folder, "rehearsal"));
        using var opened = _start.Open();
        var tissue = new TileTissue(ChosenWeights.FirstOf(opened));
        using var all = NewDisposeScope();
        var weights = StartingWeights.OfModel(_start.Graph, _start.Card, _start.Name);
        foreach (var seed in configuration.Seeds)
        {
            foreach (var count in configuration.Counts.Prepend(0))
            {
                foreach (var (set, images) in tissues)
                {
                    var pool = Shuffled([.. images.Where((_, i) => i % 2 == 0).Select(i => i.Name)], seed);
                    foreach (var way in count == 0 ? ["start"] : count <= pool.Count ? configuration.Ways : [])
                    {
                        // All tiles labelled leave none without labels.
                        if ((way == Unlabelled && count == pool.Count)
                            || _points.Exists(p => p.Tissue == set.Name && p.Way == way && p.Tiles == count && (p.Seed == seed || count == 0)))
                        {
                            continue;
                        }

                        log.WriteLine($"{set.Name}: {way}, {count} tiles, seed {seed}");
                        using var scope = NewDisposeScope();
                        var plan = Plan(set, pool, count, seed, way, rehearsal);
                        var (adapted, share, recognition) = Weights(way, plan, weights, cancellation);
                        var inside = recognition?.Inside(recognition.Whole);
                        using var model = CandidateModel.Of(adapted, _start.Card, Path.Combine(folder, "candidate"), inside, tissue);
                        Add(judges.Select(j =>
                        {
                            var report = model.Score(j.Images, threads, cancellation);
                            return new CurvePoint(set.Name, way, count, seed, share, j.Name, report.PanopticQuality.Mean, report.Dice.Mean);
                        }));
                    }
                }
            }
        }

        return _points;

        void Add(IEnumerable<CurvePoint> points)
        {
            _points.AddRange(points);
            CurveTable.Write(_points, folder);
        }
    }

    private (IReadOnlyDictionary<string, Tensor> Weights, double Share, Recognition? Recognition) Weights(
        string way,
        AdaptationPlan plan,
        IReadOnlyDictionary<string, Tensor> start,
        CancellationToken cancellation)
    {
        var run = Directory.CreateDirectory(Path.Combine(folder, "run")).FullName;
        try
        {
            switch (way)
            {
                case "start":
                    return (start, 0, null);
                case "naive":
                    return (new AdaptationRun(plan with { Rehearsal = [] }, _start, held: [], run, TextWriter.Null).Train(start, cancellation), 1, null);
                default:
                    using (var adapter = new Adapter(plan, _start, run, TextWriter.Null))
                    {
                        var result = adapter.Run(cancellation);
                        return result.IsBetter ? (result.Weights, result.Chosen.Share, result.Recognition) : (start, 0, null);
                    }
            }
        }
        finally
        {
            Directory.Delete(run, recursive: true);
        }
    }

    private AdaptationPlan Plan(CurveSet set, List<string> pool, int count, int seed, string way, IReadOnlyList<RehearsalSet> rehearsal)
    {
        var place = Place(set);
        return new AdaptationPlan
        {
            Tiles = new DataSetConfiguration { Name = set.Name, Folder = place, Mpp = set.Mpp },
            Names = [.. pool.Take(count)],
            Rehearsal = rehearsal,
            Unlabelled = way == Unlabelled ? [.. pool.Skip(count).Select(n => SlideInputs.Of(TileFile.In(place, [n])[0].Picture))] : [],
            Settings = new AdaptationSettings
            {
                Seed = (ulong)seed,
                Threads = threads,
                Steps = configuration.Steps ?? new AdaptationSettings().Steps,
                ForAllSlides = way == ForAllSlides,
            },
        };
    }

    private IReadOnlyList<LabelledImage> Load(CurveSet set)
    {
        var names = TileFile
            .In(set.Folder)
            .Select(t => t.Name)
            .Where(n => set.Groups is null || set.Groups.Any(g => n.StartsWith(g, StringComparison.Ordinal)))
            .ToList();
        var images = DataSet
            .Load(
                new DataSetConfiguration
                {
                    Name = set.Name,
                    Folder = set.Folder,
                    Mpp = set.Mpp,
                    Only = names,
                },
                "/")
            .Images;
        if (!set.Haematoxylin)
        {
            return images;
        }

        var place = Place(set);
        foreach (var image in images)
        {
            Directory.CreateDirectory(Path.Combine(place, "images"));
            RgbImageFile.WritePng(Path.Combine(place, "images", image.Name + ".png"), HaematoxylinPicture.Of(image.Image));
            LabelImageFile.WritePng(Path.Combine(place, "labels", image.Name + ".png"), image.Labels);
        }

        return DataSet.Load(new DataSetConfiguration { Name = set.Name, Folder = place, Mpp = set.Mpp }, "/").Images;
    }

    private string Place(CurveSet set) => set.Haematoxylin ? Path.Combine(folder, set.Name) : set.Folder;

    private static List<string> Shuffled(List<string> names, int seed)
    {
        var random = new Random(seed);
        for (var i = names.Count - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (names[i], names[j]) = (names[j], names[i]);
        }

        return names;
    }
}
