using System.Numerics;
using System.Runtime.InteropServices;

namespace HoverFast.Nuclei;

/// <summary>
/// Connected components (4-neighbours) of a bit plane, as runs: no pixel is touched twice, and nothing is written per pixel.
/// </summary>
internal sealed class ComponentLabeller
{
    private readonly List<Run> _runs = [];
    private int[] _parents = [];
    private Component[] _components = [];

    /// <summary>Number of components; they are numbered from 0 in the order of their first pixel.</summary>
    public int Count { get; private set; }

    /// <summary>The runs, row by row and from left to right.</summary>
    public ReadOnlySpan<Run> Runs => CollectionsMarshal.AsSpan(_runs);

    /// <summary>The components.</summary>
    public ReadOnlySpan<Component> Components => _components.AsSpan(0, Count);

    /// <summary>Labels the pixels whose bit is set.</summary>
    public void Label(BitPlane plane)
    {
        _runs.Clear();
        var (above, aboveEnd) = (0, 0);
        for (var y = 0; y < plane.Height; y++)
        {
            var first = _runs.Count;
            AddRuns(plane.Row(y), y, plane.Width);
            if (_parents.Length < _runs.Count)
            {
                Array.Resize(ref _parents, (int)BitOperations.RoundUpToPowerOf2((uint)_runs.Count));
            }

            for (var i = first; i < _runs.Count; i++)
            {
                _parents[i] = i;
            }

            Join(above, aboveEnd, first);
            (above, aboveEnd) = (first, _runs.Count);
        }

        Number();
    }

    // Every change from 0 to 1 starts a run, every change back ends it.
    private void AddRuns(ReadOnlySpan<ulong> row, int y, int width)
    {
        const int None = -1;
        var start = None;
        for (var w = 0; w < row.Length; w++)
        {
            var bits = row[w];
            var changes = bits ^ ((bits << 1) | (start != None ? 1UL : 0));
            for (; changes != 0; changes &= changes - 1)
            {
                var x = (w * BitPlane.Word) + BitOperations.TrailingZeroCount(changes);
                if (start == None)
                {
                    start = x;
                }
                else
                {
                    _runs.Add(new Run(y, start, x, 0));
                    start = None;
                }
            }
        }

        if (start != None)
        {
            _runs.Add(new Run(y, start, width, 0));
        }
    }

    private void Join(int above, int aboveEnd, int first)
    {
        var runs = CollectionsMarshal.AsSpan(_runs);
        for (var i = first; i < runs.Length; i++)
        {
            while (above < aboveEnd && runs[above].End <= runs[i].Start)
            {
                above++;
            }

            for (var a = above; a < aboveEnd && runs[a].Start < runs[i].End; a++)
            {
                Unite(a, i);
            }
        }
    }

    private void Unite(int a, int b)
    {
        var (rootA, rootB) = (Root(a), Root(b));
        _parents[Math.Max(rootA, rootB)] = Math.Min(rootA, rootB);
    }

    private int Root(int i)
    {
        while (_parents[i] != i)
        {
            i = _parents[i] = _parents[_parents[i]];
        }

        return i;
    }

    private void Number()
    {
        Count = 0;
        if (_components.Length < _runs.Count)
        {
            _components = new Component[(int)BitOperations.RoundUpToPowerOf2((uint)_runs.Count)];
        }

        var runs = CollectionsMarshal.AsSpan(_runs);
        for (var i = 0; i < runs.Length; i++)
        {
            // A root is the first run of its component, so it was numbered before any other run asks.
            ref var run = ref runs[i];
            var root = Root(i);
            var number = root == i ? Count++ : runs[root].Component;
            run = run with { Component = number };
            var length = run.End - run.Start;
            ref var component = ref _components[number];
            component =
                root == i
                    ? new Component(length, 1, run.Start, run.Row, run.End, run.Row + 1)
                    : new Component(
                        component.Area + length,
                        component.Runs + 1,
                        Math.Min(component.Left, run.Start),
                        component.Top,
                        Math.Max(component.Right, run.End),
                        run.Row + 1);
        }
    }

    /// <param name="Row">Row of the plane.</param>
    /// <param name="Start">First column.</param>
    /// <param name="End">Column after the last.</param>
    /// <param name="Component">Number of its component.</param>
    internal readonly record struct Run(int Row, int Start, int End, int Component);

    /// <param name="Area">Pixels.</param>
    /// <param name="Runs">How many runs it has.</param>
    /// <param name="Left">First column of its box.</param>
    /// <param name="Top">First row.</param>
    /// <param name="Right">Column after the last.</param>
    /// <param name="Bottom">Row after the last.</param>
    internal readonly record struct Component(int Area, int Runs, int Left, int Top, int Right, int Bottom);
}
