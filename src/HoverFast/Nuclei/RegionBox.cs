using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>
/// The regions of one component in its bounding box, with a frame of one background pixel around it: small enough to stay in the
/// processor's nearest cache, and no neighbour needs to be checked for being there. Keeps its memory for the next component.
/// </summary>
internal sealed class RegionBox
{
    /// <summary>Label of what is no part of the component.</summary>
    public const int Background = 0;

    /// <summary>Label of pixels that belong to no region yet.</summary>
    private const int Open = -1;

    private const int None = -1;

    // A queue for each level: every pixel is in one queue at most, so that links between pixels are all it takes.
    private readonly int[] _first = new int[Elevation.Levels];
    private readonly int[] _last = new int[Elevation.Levels];
    private int[] _labels = [];
    private int[] _next = [];
    private byte[] _elevation = [];
    private Region[] _regions = new Region[16];

    /// <summary>Makes an empty box.</summary>
    public RegionBox() => Array.Fill(_first, None);

    /// <summary>Regions; their labels are 1 to this.</summary>
    public int RegionCount { get; private set; }

    /// <summary>Column and row, in the area of the maps, of the box's first pixel, which belongs to the frame.</summary>
    public (int X, int Y) Corner { get; private set; }

    /// <summary>Pixels in a row of the box, frame included.</summary>
    public int Width { get; private set; }

    /// <summary>The labels, row by row.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>A region by its label.</summary>
    public ref readonly Region this[int label] => ref _regions[label];

    /// <summary>Makes a region of a whole component.</summary>
    public void TakeWhole(in ComponentLabeller.Component component, ReadOnlySpan<ComponentLabeller.Run> runs, NucleusMaps maps, MapArea area)
    {
        Frame(component);
        RegionCount = 1;
        var sum = 0L;
        foreach (ref readonly var run in runs)
        {
            _labels.AsSpan(At(run.Start, run.Row), run.End - run.Start).Fill(1);
            foreach (var probability in maps.Probability.AsSpan(area.At(maps, run.Start, run.Row), run.End - run.Start))
            {
                sum += probability;
            }
        }

        _regions[1] = new Region { X = runs[0].Start, Y = runs[0].Row, Area = component.Area, ProbabilitySum = sum };
    }

    /// <summary>Makes a region of each seed and floods the component from them, in the order of elevation.</summary>
    /// <param name="component">The component.</param>
    /// <param name="runs">Its runs.</param>
    /// <param name="seeds">Runs of the seeds in it, in their order; the number of each is its label, from 1.</param>
    /// <param name="seedCount">How many seeds.</param>
    /// <param name="maps">The maps.</param>
    /// <param name="area">The part of them that there is.</param>
    /// <param name="elevation">Elevation of the area's pixels.</param>
    public void Flood(in ComponentLabeller.Component component, ReadOnlySpan<ComponentLabeller.Run> runs, ReadOnlySpan<ComponentLabeller.Run> seeds, int seedCount, NucleusMaps maps, MapArea area, byte[] elevation)
    {
        Frame(component);
        RegionCount = seedCount;
        foreach (ref readonly var run in runs)
        {
            var at = At(run.Start, run.Row);
            _labels.AsSpan(at, run.End - run.Start).Fill(Open);
            elevation.AsSpan((run.Row * area.Width) + run.Start, run.End - run.Start).CopyTo(_elevation.AsSpan(at));
        }

        foreach (ref readonly var run in seeds)
        {
            var at = At(run.Start, run.Row);
            for (var i = at; i < at + run.End - run.Start; i++)
            {
                _labels[i] = run.Component;
                Enqueue(i, _elevation[i]);
            }
        }

        for (var level = 0; level < Elevation.Levels; level++)
        {
            // Pixels found while a level is worked off join its queue (or a later one), never an earlier one.
            for (var at = _first[level]; at != None; at = _next[at])
            {
                var label = _labels[at];
                Spread(at - 1, label, level);
                Spread(at + 1, label, level);
                Spread(at - Width, label, level);
                Spread(at + Width, label, level);
            }

            _first[level] = None;
        }

        Measure(runs, maps, area);
    }

    private int At(int x, int y) => ((y - Corner.Y) * Width) + x - Corner.X;

    private void Frame(in ComponentLabeller.Component component)
    {
        Corner = (component.Left - 1, component.Top - 1);
        Width = component.Right - component.Left + 2;
        var pixels = Width * (component.Bottom - component.Top + 2);
        if (_labels.Length < pixels)
        {
            _labels = new int[2 * pixels];
            _next = new int[2 * pixels];
            _elevation = new byte[2 * pixels];
        }

        _labels.AsSpan(0, pixels).Clear();
    }

    private void Spread(int at, int label, int level)
    {
        if (_labels[at] == Open)
        {
            _labels[at] = label;
            Enqueue(at, Math.Max(level, _elevation[at]));
        }
    }

    private void Enqueue(int at, int level)
    {
        _next[at] = None;
        if (_first[level] == None)
        {
            _first[level] = at;
        }
        else
        {
            _next[_last[level]] = at;
        }

        _last[level] = at;
    }

    private void Measure(ReadOnlySpan<ComponentLabeller.Run> runs, NucleusMaps maps, MapArea area)
    {
        if (_regions.Length <= RegionCount)
        {
            _regions = new Region[2 * RegionCount];
        }

        _regions.AsSpan(0, RegionCount + 1).Clear();
        foreach (ref readonly var run in runs)
        {
            var labels = _labels.AsSpan(At(run.Start, run.Row), run.End - run.Start);
            var probability = maps.Probability.AsSpan(area.At(maps, run.Start, run.Row), labels.Length);
            for (var i = 0; i < labels.Length; i++)
            {
                ref var region = ref _regions[labels[i]];
                if (region.Area++ == 0)
                {
                    (region.X, region.Y) = (run.Start + i, run.Row);
                }

                region.ProbabilitySum += probability[i];
            }
        }
    }

    /// <summary>What is known of a region.</summary>
    internal struct Region
    {
        /// <summary>Column, in the area, of the first pixel in raster order.</summary>
        public int X;

        /// <summary>Its row.</summary>
        public int Y;

        /// <summary>Pixels.</summary>
        public int Area;

        /// <summary>Sum of their probabilities, on the scale of the maps.</summary>
        public long ProbabilitySum;
    }
}
