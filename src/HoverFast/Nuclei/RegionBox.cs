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

    // A type is a byte.
    private const int VotesEach = 256;

    /// <summary>Label of pixels that no basin has reached.</summary>
    private const int Open = -1;

    /// <summary>Label of pixels in the queue.</summary>
    private const int Queued = -2;

    // From a pixel to those beside it.
    private readonly int[] _steps = [-1, 1, 0, 0];
    private int[] _labels = [];
    private int[] _order = [];
    private int[] _queue = [];
    private int[] _turn = [];
    private int _turns;
    private int _queueEnd;
    private byte[] _elevation = [];
    private Basin[] _basins = new Basin[16];
    private int _basinCount;
    private Region[] _regions = new Region[16];

    // By region, then type.
    private int[] _votes = [];
    private bool _voted;

    /// <summary>Regions; their labels are 1 to this.</summary>
    public int RegionCount { get; private set; }

    /// <summary>Column and row, in the area of the maps, of the box's first pixel, which belongs to the frame.</summary>
    public (int X, int Y) Corner { get; private set; }

    /// <summary>Pixels in a row of the box, frame included.</summary>
    public int Width { get; private set; }

    /// <summary>Rows of the box, frame included.</summary>
    public int Height { get; private set; }

    /// <summary>The labels, row by row.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>A region by its label.</summary>
    public ref readonly Region this[int label] => ref _regions[label];

    /// <summary>Pixels of a region by nucleus type; empty where the maps have no types.</summary>
    public ReadOnlySpan<int> VotesOf(int label) => _voted ? _votes.AsSpan(label * VotesEach, VotesEach) : [];

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
        Vote(runs, maps, area);
    }

    /// <summary>
    /// Makes a region of each basin of the component that is deep enough: where two basins meet, each must reach down by a depth, or they are one
    /// (the dynamics of Grimaud, SPIE 1992, and the watershed of Meyer, 1994).
    /// </summary>
    /// <param name="component">The component.</param>
    /// <param name="runs">Its runs.</param>
    /// <param name="maps">The maps.</param>
    /// <param name="area">The part of them that there is.</param>
    /// <param name="elevation">Elevation of the area's pixels.</param>
    /// <param name="depth">The least depth of a basin below the pixel where it meets another, in levels.</param>
    public void Split(
        in ComponentLabeller.Component component,
        ReadOnlySpan<ComponentLabeller.Run> runs,
        NucleusMaps maps,
        MapArea area,
        byte[] elevation,
        int depth)
    {
        Frame(component);
        Sort(runs, area, elevation);
        _basinCount = 0;
        _turns = 0;
        for (int start = 0, end = 0; start < component.Area; start = end)
        {
            while (end < component.Area && _elevation[_order[end]] == _elevation[_order[start]])
            {
                end++;
            }

            Flood(_order.AsSpan(start, end - start), depth);
        }

        Number(runs, maps, area);
    }

    private int At(int x, int y) => ((y - Corner.Y) * Width) + x - Corner.X;

    private void Frame(in ComponentLabeller.Component component)
    {
        Corner = (component.Left - 1, component.Top - 1);
        Width = component.Right - component.Left + 2;
        (_steps[2], _steps[3]) = (-Width, Width);
        Height = component.Bottom - component.Top + 2;
        var pixels = Width * Height;
        if (_labels.Length < pixels)
        {
            _labels = new int[2 * pixels];
            _order = new int[2 * pixels];
            _queue = new int[2 * pixels];
            _turn = new int[2 * pixels];
            _elevation = new byte[2 * pixels];
        }

        _labels.AsSpan(0, pixels).Clear();
    }

    /// <summary>Puts the pixels in the order of elevation, those of one level in raster order.</summary>
    private void Sort(ReadOnlySpan<ComponentLabeller.Run> runs, MapArea area, byte[] elevation)
    {
        Span<int> places = stackalloc int[Elevation.Levels + 1];
        places.Clear();
        foreach (ref readonly var run in runs)
        {
            foreach (var level in elevation.AsSpan((run.Row * area.Width) + run.Start, run.End - run.Start))
            {
                places[level + 1]++;
            }
        }

        for (var level = 1; level <= Elevation.Levels; level++)
        {
            places[level] += places[level - 1];
        }

        foreach (ref readonly var run in runs)
        {
            var levels = elevation.AsSpan((run.Row * area.Width) + run.Start, run.End - run.Start);
            var at = At(run.Start, run.Row);
            levels.CopyTo(_elevation.AsSpan(at));
            _labels.AsSpan(at, levels.Length).Fill(Open);
            foreach (var level in levels)
            {
                _order[places[level]++] = at++;
            }
        }
    }

    /// <summary>Gives the pixels of one level to the basins beside them, the nearest first, and what is left to new ones.</summary>
    private void Flood(ReadOnlySpan<int> pixels, int depth)
    {
        _queueEnd = 0;
        foreach (var at in pixels)
        {
            foreach (var step in _steps)
            {
                if (_labels[at + step] > Background)
                {
                    Enqueue(at);
                    break;
                }
            }
        }

        var next = Spread(0, depth);
        foreach (var at in pixels)
        {
            if (_labels[at] == Open)
            {
                Enqueue(at);
                next = Spread(next, depth);
            }
        }
    }

    private int Spread(int next, int depth)
    {
        for (; next < _queueEnd; next++)
        {
            var at = _queue[next];
            _labels[at] = BasinAt(at, depth);
            _turn[at] = _turns++;
            foreach (var step in _steps)
            {
                var beside = at + step;
                if (_labels[beside] == Open && _elevation[beside] == _elevation[at])
                {
                    Enqueue(beside);
                }
            }
        }

        return next;
    }

    private void Enqueue(int at)
    {
        _labels[at] = Queued;
        _queue[_queueEnd++] = at;
    }

    /// <summary>The basin that reached a pixel's side first, or a new one. Basins that meet here and are too shallow become one.</summary>
    private int BasinAt(int at, int depth)
    {
        var level = _elevation[at];
        int basin = Background, first = 0;
        foreach (var step in _steps)
        {
            var beside = at + step;
            if (_labels[beside] <= Background)
            {
                continue;
            }

            var other = Root(_labels[beside]);
            if (basin != Background && other != basin && Math.Max(_basins[basin].Floor, _basins[other].Floor) > level - depth)
            {
                basin = Join(basin, other);
            }
            else if (basin == Background || (other != basin && _turn[beside] < first))
            {
                (basin, first) = (other, _turn[beside]);
            }
        }

        return basin == Background ? NewBasin(level) : basin;
    }

    private int NewBasin(byte floor)
    {
        if (++_basinCount == _basins.Length)
        {
            Array.Resize(ref _basins, 2 * _basinCount);
        }

        _basins[_basinCount] = new Basin { Parent = _basinCount, Floor = floor };
        return _basinCount;
    }

    private int Join(int first, int second)
    {
        var (deeper, other) = _basins[first].Floor <= _basins[second].Floor ? (first, second) : (second, first);
        _basins[other].Parent = deeper;
        return deeper;
    }

    private int Root(int basin)
    {
        while (_basins[basin].Parent != basin)
        {
            basin = _basins[basin].Parent = _basins[_basins[basin].Parent].Parent;
        }

        return basin;
    }

    /// <summary>Makes the basins that are left regions, numbered from 1 in the order of their first pixel.</summary>
    private void Number(ReadOnlySpan<ComponentLabeller.Run> runs, NucleusMaps maps, MapArea area)
    {
        if (_regions.Length <= _basinCount)
        {
            _regions = new Region[2 * _basinCount];
        }

        RegionCount = 0;
        foreach (ref readonly var run in runs)
        {
            var labels = _labels.AsSpan(At(run.Start, run.Row), run.End - run.Start);
            var probability = maps.Probability.AsSpan(area.At(maps, run.Start, run.Row), labels.Length);
            for (var i = 0; i < labels.Length; i++)
            {
                ref var basin = ref _basins[Root(labels[i])];
                if (basin.Label == 0)
                {
                    basin.Label = ++RegionCount;
                    _regions[basin.Label] = new Region { X = run.Start + i, Y = run.Row };
                }

                labels[i] = basin.Label;
                ref var region = ref _regions[basin.Label];
                region.Area++;
                region.ProbabilitySum += probability[i];
            }
        }

        Vote(runs, maps, area);
    }

    private void Vote(ReadOnlySpan<ComponentLabeller.Run> runs, NucleusMaps maps, MapArea area)
    {
        _voted = maps.Types is not null;
        if (!_voted)
        {
            return;
        }

        var length = (RegionCount + 1) * VotesEach;
        if (_votes.Length < length)
        {
            _votes = new int[2 * length];
        }

        Array.Clear(_votes, 0, length);
        foreach (ref readonly var run in runs)
        {
            var labels = _labels.AsSpan(At(run.Start, run.Row), run.End - run.Start);
            var types = maps.Types.AsSpan(area.At(maps, run.Start, run.Row), labels.Length);
            for (var i = 0; i < labels.Length; i++)
            {
                _votes[(labels[i] * VotesEach) + types[i]]++;
            }
        }
    }

    private struct Basin
    {
        /// <summary>The basin that it has become a part of, or itself.</summary>
        public int Parent;

        /// <summary>Elevation of its lowest pixel.</summary>
        public byte Floor;

        /// <summary>Its region, or 0 while it has none.</summary>
        public int Label;
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
