using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Nuclei;

/// <summary>
/// Post-processing: turns <see cref="NucleusMaps"/> into nuclei, as HoVer-Net does it (Graham et al., MedIA 2019) but on one fixed
/// scale, so that a nucleus does not depend on what else lies in the tile, and with a watershed only where it is needed:
/// <list type="number">
/// <item>pixels above the probability threshold form connected components (4-neighbours);</item>
/// <item>each component pixel gets an elevation max(|H|, |V|, fall of H along x, fall of V along y), low at a nucleus's centre and high at its edge
/// and between touching nuclei; connected pixels below a fixed elevation are seeds;</item>
/// <item>a component with one seed or none is one nucleus; one with more is flooded from its seeds in the order of elevation;</item>
/// <item>outlines are traced between pixel centres at the place where the probability crosses the threshold; holes are filled.</item>
/// </list>
/// An instance keeps its buffers for the next tile and serves one thread at a time.
/// </summary>
public sealed class NucleusFinder
{
    private readonly FinderSettings _settings;
    private readonly byte _threshold;
    private readonly byte _seedElevation;
    private readonly int _reach;
    private readonly int _minSeed;
    private readonly double _minArea;
    private readonly ComponentLabeller _components = new();
    private readonly ComponentLabeller _seeds = new();
    private readonly OutlineTracer _tracer;
    private readonly List<int>[] _buckets = CreateBuckets();
    private byte[] _elevation = [];
    private byte[] _seedMask = [];
    private int[] _labels = [];
    private Region[] _regions = [];
    private int _regionCount;

    /// <summary>Makes a finder for maps of one resolution.</summary>
    /// <param name="mapMpp">Pixel size of the maps that <see cref="Find"/> will get.</param>
    /// <param name="settings">Thresholds, or null for the defaults.</param>
    public NucleusFinder(Mpp mapMpp, FinderSettings? settings = null)
    {
        _settings = settings ?? new FinderSettings();
        _threshold = (byte)Math.Clamp(Math.Ceiling(_settings.ProbabilityThreshold * NucleusMaps.ProbabilityScale), 1, 255);
        _seedElevation = (byte)Math.Clamp(Math.Round(_settings.SeedElevation * NucleusMaps.HvScale), 1, 127);
        _reach = FinderSettings.Pixels(_settings.BoundaryReach, mapMpp);
        _minSeed = FinderSettings.PixelArea(_settings.MinSeedArea, mapMpp);
        _minArea = _settings.MinArea / (mapMpp.MicronsPerPixel * mapMpp.MicronsPerPixel);
        _tracer = new OutlineTracer(_threshold, _settings.OutlineTolerance);
    }

    /// <summary>Finds the nuclei of a tile.</summary>
    /// <param name="maps">The maps; their pixel size is the one that the finder was made for.</param>
    /// <returns>The nuclei in map pixels, in the order of their first pixel (row by row).</returns>
    public List<Nucleus> Find(NucleusMaps maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        Reserve(maps.Width * maps.Height);
        _components.Label(maps.Probability, maps.Width, maps.Height, _threshold);
        Elevation.Compute(maps, _components.Runs, _reach, _elevation, _seedMask, _seedElevation);
        _seeds.Label(_seedMask, maps.Width, maps.Height, 1);
        AssignRegions(maps);
        return Outline(maps);
    }

    private void Reserve(int pixels)
    {
        if (_labels.Length < pixels)
        {
            _labels = new int[pixels];
            _elevation = new byte[pixels];
            _seedMask = new byte[pixels];
        }

        // Stale labels and seeds would be read beyond this tile's runs; elevation is written before it is read.
        Array.Clear(_labels, 0, pixels);
        Array.Clear(_seedMask, 0, pixels);
    }

    // Region numbers follow the raster order of first pixels within each kind, whatever the thread.
    private void AssignRegions(NucleusMaps maps)
    {
        var componentCount = _components.Count;
        var seedsOf = new int[componentCount];
        var seedRegion = new int[_seeds.Count];
        Array.Fill(seedRegion, -1);
        var componentRegion = new int[componentCount];
        _regionCount = 0;

        // A seed lies inside one component: look that up at its first pixel.
        var componentAt = _labels;
        foreach (ref readonly var run in _components.Runs)
        {
            componentAt.AsSpan((run.Row * maps.Width) + run.Start, run.End - run.Start).Fill(run.Component + 1);
        }

        Span<int> seedComponent = new int[_seeds.Count];
        foreach (ref readonly var run in _seeds.Runs)
        {
            seedComponent[run.Component] = componentAt[(run.Row * maps.Width) + run.Start] - 1;
        }

        for (var s = 0; s < _seeds.Count; s++)
        {
            if (_seeds.Areas[s] >= _minSeed)
            {
                seedsOf[seedComponent[s]]++;
            }
        }

        for (var c = 0; c < componentCount; c++)
        {
            componentRegion[c] = seedsOf[c] <= 1 && _components.Areas[c] >= _minArea ? NewRegion() : -1;
        }

        for (var s = 0; s < _seeds.Count; s++)
        {
            if (_seeds.Areas[s] >= _minSeed && seedsOf[seedComponent[s]] > 1)
            {
                seedRegion[s] = NewRegion();
            }
        }

        foreach (ref readonly var run in _components.Runs)
        {
            var at = (run.Row * maps.Width) + run.Start;
            var region = componentRegion[run.Component];
            if (region >= 0)
            {
                _labels.AsSpan(at, run.End - run.Start).Fill(region + 1);
                _regions[region].Take(at, run.End - run.Start, Sum(maps.Probability.AsSpan(at, run.End - run.Start)));
            }
            else
            {
                // Components to be flooded hold the mark "open"; dropped ones become background.
                _labels.AsSpan(at, run.End - run.Start).Fill(seedsOf[run.Component] > 1 ? -1 : 0);
            }
        }

        Flood(maps, seedRegion);
    }

    private void Flood(NucleusMaps maps, int[] seedRegion)
    {
        var width = maps.Width;
        var last = maps.Height - 1;
        foreach (ref readonly var run in _seeds.Runs)
        {
            var region = seedRegion[run.Component];
            if (region < 0)
            {
                continue;
            }

            for (var x = run.Start; x < run.End; x++)
            {
                Claim((run.Row * width) + x, region);
            }
        }

        for (var level = 0; level < _buckets.Length; level++)
        {
            var bucket = _buckets[level];

            // Pixels found while a bucket is emptied join it (or a later one), never an earlier one.
            for (var i = 0; i < bucket.Count; i++)
            {
                var at = bucket[i];
                var region = _labels[at] - 1;
                var x = at % width;
                var y = at / width;
                if (x > 0)
                {
                    Spread(at - 1, region, level);
                }

                if (x < width - 1)
                {
                    Spread(at + 1, region, level);
                }

                if (y > 0)
                {
                    Spread(at - width, region, level);
                }

                if (y < last)
                {
                    Spread(at + width, region, level);
                }
            }

            bucket.Clear();
        }

        void Claim(int at, int region)
        {
            _labels[at] = region + 1;
            _regions[region].Take(at, 1, maps.Probability[at]);
            _buckets[_elevation[at]].Add(at);
        }

        void Spread(int at, int region, int level)
        {
            if (_labels[at] == -1)
            {
                _labels[at] = region + 1;
                _regions[region].Take(at, 1, maps.Probability[at]);
                _buckets[Math.Max(level, _elevation[at])].Add(at);
            }
        }
    }

    private List<Nucleus> Outline(NucleusMaps maps)
    {
        var order = new int[_regionCount];
        var firsts = new int[_regionCount];
        for (var r = 0; r < _regionCount; r++)
        {
            order[r] = r;
            firsts[r] = _regions[r].First;
        }

        Array.Sort(firsts, order);
        var nuclei = new List<Nucleus>(_regionCount);
        foreach (var r in order)
        {
            ref readonly var region = ref _regions[r];
            var mean = region.Area == 0 ? 0 : region.ProbabilitySum / (float)(NucleusMaps.ProbabilityScale * region.Area);
            if (region.Area < _minArea || mean < _settings.MinMeanProbability)
            {
                continue;
            }

            var nucleus = _tracer.Trace(maps, _labels, r + 1, region.First, mean);
            if (nucleus is not null && nucleus.Area >= _minArea)
            {
                nuclei.Add(nucleus);
            }
        }

        return nuclei;
    }

    private int NewRegion()
    {
        if (_regionCount == _regions.Length)
        {
            Array.Resize(ref _regions, Math.Max(256, 2 * _regions.Length));
        }

        _regions[_regionCount] = new Region { First = int.MaxValue };
        return _regionCount++;
    }

    private static int Sum(ReadOnlySpan<byte> values)
    {
        var sum = 0;
        foreach (var v in values)
        {
            sum += v;
        }

        return sum;
    }

    private static List<int>[] CreateBuckets()
    {
        var buckets = new List<int>[Elevation.Levels];
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = [];
        }

        return buckets;
    }

    private struct Region
    {
        public int First;
        public int Area;
        public long ProbabilitySum;

        public void Take(int at, int pixels, int probability)
        {
            First = Math.Min(First, at);
            Area += pixels;
            ProbabilitySum += probability;
        }
    }
}
