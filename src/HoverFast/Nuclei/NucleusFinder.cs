using System.Runtime.InteropServices;
using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Nuclei;

/// <summary>
/// Post-processing: turns <see cref="NucleusMaps"/> into nuclei, as HoVer-Net does it (Graham et al., MedIA 2019) but on one fixed
/// scale, so that a nucleus does not depend on what else lies in the tile, and with a watershed only where there is room for two nuclei:
/// <list type="number">
/// <item>pixels above the probability threshold form connected components (4-neighbours);</item>
/// <item>each component pixel gets an elevation max(|H|, |V|, fall of H along x, fall of V along y, 2 (1 - probability)), low at a nucleus's centre and
/// high at its edge and between touching nuclei;</item>
/// <item>a component has a nucleus for each basin of the elevation that reaches down by a fixed depth below the pixels where it meets others; shallower basins
/// join the one that they meet first. A component too small for two nuclei is one;</item>
/// <item>outlines are traced between pixel centres at the place where the probability crosses the threshold; holes are filled.</item>
/// </list>
/// An instance keeps its buffers for the next tile and serves one thread at a time.
/// </summary>
internal sealed class NucleusFinder
{
    private readonly byte _threshold;
    private readonly int _splitDepth;
    private readonly int _reach;
    private readonly double _minArea;
    private readonly double _minMeanProbability;
    private readonly BitPlane _pixels = new();
    private readonly ComponentLabeller _components = new();
    private readonly RegionBox _box = new();
    private readonly OutlineTracer _tracer;
    private readonly TypeSurroundings? _surroundings;
    private readonly List<(int X, int Y, Nucleus Nucleus)> _found = [];
    private readonly RunsByComponent _runsOf = new();
    private byte[] _elevation = [];

    /// <summary>Makes a finder for maps of one resolution.</summary>
    /// <param name="mapMpp">Pixel size of the maps that <see cref="Find(NucleusMaps)"/> will get.</param>
    /// <param name="settings">Thresholds, or null for the defaults; what isn't settled is as for models without match probabilities.</param>
    /// <param name="types">How a nucleus comes by its type; null where types aren't told.</param>
    public NucleusFinder(Mpp mapMpp, FinderSettings? settings = null, TypeRule? types = null)
    {
        var settled = (settings ?? new FinderSettings()).Settled(isJudged: false);
        _threshold = (byte)Math.Clamp(Math.Ceiling(settled.ProbabilityThreshold * NucleusMaps.ProbabilityScale), 1, 255);
        _splitDepth = Math.Max(1, (int)Math.Round(settled.SplitDepth!.Value * NucleusMaps.HvScale));
        _reach = Math.Max(1, settled.BoundaryReach);
        _minArea = settled.MinArea!.Value / (mapMpp.MicronsPerPixel * mapMpp.MicronsPerPixel);
        _minMeanProbability = settled.MinMeanProbability!.Value;
        _surroundings = types?.Context is { } context ? new TypeSurroundings(context, mapMpp) : null;
        _tracer = new OutlineTracer(_threshold, settled.OutlineTolerance, types, _surroundings);
    }

    /// <summary>Whether the vector unit may be used; the nuclei are the same without.</summary>
    internal bool Vectors { get; init; } = true;

    /// <summary>Is shown each component once it is divided, for who explains a nucleus; null costs nothing.</summary>
    internal Action<RegionBox>? Watcher { get; init; }

    /// <summary>The last tile's relief, row by row of the part that was looked at; it means something where the probability is above the threshold.</summary>
    internal ReadOnlySpan<byte> Relief => _elevation;

    /// <summary>Finds the nuclei of a tile.</summary>
    /// <param name="maps">The maps; their pixel size is the one that the finder was made for.</param>
    /// <returns>The nuclei in map pixels, in the order of their first pixel (row by row).</returns>
    public List<Nucleus> Find(NucleusMaps maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        return Find(maps, MapArea.All(maps));
    }

    /// <summary>Finds the nuclei in a part of a tile.</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="area">The part of them to look at.</param>
    /// <returns>The nuclei in pixels of the part, in the order of their first pixel (row by row).</returns>
    internal List<Nucleus> Find(NucleusMaps maps, MapArea area)
    {
        _pixels.Threshold(maps, area, _threshold, Vectors);
        _components.Label(_pixels);
        if (_elevation.Length < area.Width * area.Height)
        {
            _elevation = new byte[area.Width * area.Height];
        }

        Elevation.Compute(maps, area, _pixels, _reach, _elevation, Vectors);
        _runsOf.Group(_components.Runs, _components.Count);
        if (maps.Types is not null)
        {
            _surroundings?.Take(maps, area);
        }

        _found.Clear();
        var components = _components.Components;
        for (var c = 0; c < components.Length; c++)
        {
            // What is too small as a whole is so in parts.
            ref readonly var component = ref components[c];
            if (component.Area < _minArea)
            {
                continue;
            }

            var runs = _runsOf[c];
            if (component.Area >= 2 * _minArea)
            {
                _box.Split(component, runs, maps, area, _elevation, _splitDepth);
            }
            else
            {
                _box.TakeWhole(component, runs, maps, area);
            }

            Watcher?.Invoke(_box);
            Outline(maps, area);
        }

        return InOrder();
    }

    private void Outline(NucleusMaps maps, MapArea area)
    {
        for (var label = 1; label <= _box.RegionCount; label++)
        {
            ref readonly var region = ref _box[label];
            var mean = region.Area == 0 ? 0 : region.ProbabilitySum / (float)(NucleusMaps.ProbabilityScale * region.Area);
            if (region.Area < _minArea || mean < _minMeanProbability)
            {
                continue;
            }

            var nucleus = _tracer.Trace(maps, area, _box, label, mean);
            if (nucleus is not null && nucleus.Area >= _minArea)
            {
                _found.Add((region.X, region.Y, nucleus));
            }
        }
    }

    private List<Nucleus> InOrder()
    {
        var found = CollectionsMarshal.AsSpan(_found);
        found.Sort(static (a, b) => a.Y != b.Y ? a.Y.CompareTo(b.Y) : a.X.CompareTo(b.X));
        var nuclei = new List<Nucleus>(found.Length);
        foreach (ref readonly var nucleus in found)
        {
            nuclei.Add(nucleus.Nucleus);
        }

        _found.Clear();
        return nuclei;
    }
}
