using System.Globalization;
using System.Security.Cryptography;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tiles;
using HoverFast.Tissue;

namespace HoverFast.Benchmarks;

/// <summary>
/// What each step of the main line costs in processor seconds per mm2 of tissue, on one thread, tile by tile; processor time, so that other
/// programs on the machine hardly matter. The least of several passes is told, with a hash of the output to compare programs by.
/// </summary>
internal static class StageCosts
{
    /// <summary>Usage: stages SLIDE [TILES] [PASSES] [TILE SIDE].</summary>
    public static int Run(ReadOnlySpan<string> args)
    {
        using var tissue = new BenchmarkTissue(args.Length > 0 ? args[0] : null);
        var most = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 16;
        var passes = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 5;
        var settings = new SegmentSettings
        {
            Threads = 1,
            TileSize = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 2048,
            Measurements = MeasurementChoice.Basic,
        };
        using var model = NucleusModel.LoadBuiltIn();
        var sampler = tissue.SamplerFor(model);
        var mask = TissueDetector.Detect(tissue.Slide, tissue.Mpp, 1, CancellationToken.None);
        var grid = SlideSession.GridFor(model.Card, settings, sampler.Grid.Whole);
        var all = grid.Tiles(mask, sampler.Grid.Mpp);
        var tiles = all.Skip((all.Count - Math.Min(all.Count, most)) / 2).Take(most).ToList();
        var area = tiles.Sum(t => sampler.Grid.Mpp.MicronsPerPixel * sampler.Grid.Mpp.MicronsPerPixel * t.Core.Width * t.Core.Height * 1e-6);
        var steps = new SlideSteps(sampler, model, mask, tissue.Slide.Bounds, settings);
        var maps = tiles.ConvertAll(t => steps.Infer(Read(steps, t), t.Input));
        var least = new Dictionary<Stage, double>();
        var hash = "";
        var nuclei = 0L;
        for (var pass = 0; pass < passes; pass++)
        {
            var clock = new StageClock();
            (hash, nuclei) = Pass(tissue, sampler, model, mask, settings, tiles, maps, clock);
            foreach (var (stage, seconds) in clock.Seconds)
            {
                least[stage] = Math.Min(least.GetValueOrDefault(stage, double.MaxValue), seconds / area);
            }
        }

        Console.WriteLine(
            $"{tiles.Count} tiles of {grid.InputSize}, core {grid.CoreWidth} x {grid.CoreHeight}: {area:0.00} mm2, {nuclei / area:0} nuclei per mm2, output {hash}");
        foreach (var stage in Enum.GetValues<Stage>())
        {
            Console.WriteLine($"{stage,-8} {least[stage] * 1000,8:0.0} CPU ms per mm2");
        }

        Console.WriteLine($"all but the network {(least.Values.Sum() - least[Stage.Infer]) * 1000:0.0} CPU ms per mm2");
        return 0;
    }

    private static RgbImage Read(SlideSteps steps, Tile tile)
    {
        var picture = new RgbImage(tile.Input.Width, tile.Input.Height);
        steps.Read(tile.Input, picture);
        return picture;
    }

    private static (string Hash, long Nuclei) Pass(
        BenchmarkTissue tissue,
        SlideSampler sampler,
        NucleusModel model,
        TissueMask mask,
        SegmentSettings settings,
        List<Tile> tiles,
        List<NucleusMaps> maps,
        StageClock clock)
    {
        // A slide of its own in each pass, so that no tile is in the reader's cache from the pass before.
        using var slide = Slide.Open(tissue.Path);
        var steps = new SlideSteps(new SlideSampler(slide, tissue.Mpp, new Mpp(model.Card.Mpp)), model, mask, slide.Bounds, settings);
        var file = Path.Combine(Path.GetTempPath(), $"hoverfast-stages-{Environment.ProcessId}.geojson.gz");
        var count = 0L;
        var names = NucleusMeasurements.NamesOf(settings.Measurements, settings.Stain);
        using (var writer = new NucleusWriter([new GeoJsonOutput(file, names)], [1]))
        {
            var pipeline = new TilePipeline(new Known(steps, tiles, maps), new TilePipelineSettings(1, false), clock);
            pipeline.RunAsync(
                tiles,
                tile =>
                {
                    writer.Add(tile.Nuclei, tile.Measurements);
                    count += tile.Nuclei.Count;
                    return ValueTask.CompletedTask;
                },
                CancellationToken.None).GetAwaiter().GetResult();
            var start = ThreadTime.Now;
            writer.Complete();
            clock.Add(Stage.Write, start);
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))[..12];
        File.Delete(file);
        return (hash, count);
    }

    /// <summary>The real steps, but for the network, whose answers are known.</summary>
    private sealed class Known(SlideSteps steps, List<Tile> tiles, List<NucleusMaps> maps) : ITileSteps
    {
        private readonly Dictionary<WorkingRect, NucleusMaps> _maps = tiles.Zip(maps).ToDictionary(p => p.First.Input, p => p.Second);

        public void Read(WorkingRect rect, RgbImage destination) => steps.Read(rect, destination);

        public IReadOnlyList<Tile> Bands(Tile tile) => steps.Bands(tile);

        public IBandNetwork? StartBands(WorkingRect rect) => null;

        public NucleusMaps Infer(RgbImage tile, WorkingRect rect) => _maps[rect];

        public FoundNuclei Find(NucleusMaps maps, RgbImage picture, Tile tile) => steps.Find(maps, picture, tile);

        public MapBlock? Finish(NucleusMaps maps, Tile tile) => null;

        public bool IsInTissue(double workingX, double workingY) => steps.IsInTissue(workingX, workingY);

        public float[] Measure(RgbImage tile, Nucleus nucleus, WorkingRect input) => steps.Measure(tile, nucleus, input);

        public Nucleus ToSlide(Nucleus nucleus, WorkingRect input) => steps.ToSlide(nucleus, input);

        public SeamReconciler Seams(IReadOnlyList<Tile> tiles) => steps.Seams(tiles);
    }
}
