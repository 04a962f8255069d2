using System.Numerics;
using System.Runtime.InteropServices;

namespace HoverFast.Nuclei;

/// <summary>
/// Connected components (4-neighbours) of a thresholded byte plane, as runs: no pixel is touched twice, and nothing is written per pixel.
/// </summary>
internal sealed class ComponentLabeller
{
    private readonly List<Run> _runs = [];
    private readonly List<int> _parents = [];
    private int[] _areas = [];

    /// <summary>Number of components; they are numbered from 0 in the order of their first pixel.</summary>
    public int Count { get; private set; }

    /// <summary>The runs, row by row and from left to right.</summary>
    public ReadOnlySpan<Run> Runs => CollectionsMarshal.AsSpan(_runs);

    /// <summary>Pixels of each component.</summary>
    public ReadOnlySpan<int> Areas => _areas.AsSpan(0, Count);

    /// <summary>Labels the pixels of at least <paramref name="threshold"/>.</summary>
    public void Label(byte[] plane, int width, int height, byte threshold)
    {
        _runs.Clear();
        _parents.Clear();
        var (above, aboveEnd) = (0, 0);
        for (var y = 0; y < height; y++)
        {
            var first = _runs.Count;
            AddRuns(plane.AsSpan(y * width, width), y, threshold);
            Join(above, aboveEnd, first);
            (above, aboveEnd) = (first, _runs.Count);
        }

        Number();
    }

    private void AddRuns(ReadOnlySpan<byte> row, int y, byte threshold)
    {
        var x = 0;
        while (true)
        {
            x = NextAtLeast(row, x, threshold);
            if (x == row.Length)
            {
                return;
            }

            var start = x;
            x = NextBelow(row, x, threshold);
            _parents.Add(_runs.Count);
            _runs.Add(new Run(y, start, x, 0));
        }
    }

    private static int NextAtLeast(ReadOnlySpan<byte> row, int from, byte threshold)
    {
        var i = row[from..].IndexOfAnyInRange(threshold, byte.MaxValue);
        return i < 0 ? row.Length : from + i;
    }

    private static int NextBelow(ReadOnlySpan<byte> row, int from, byte threshold)
    {
        var i = row[from..].IndexOfAnyExceptInRange(threshold, byte.MaxValue);
        return i < 0 ? row.Length : from + i;
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
        if (_areas.Length < _runs.Count)
        {
            _areas = new int[(int)BitOperations.RoundUpToPowerOf2((uint)_runs.Count)];
        }

        var runs = CollectionsMarshal.AsSpan(_runs);
        for (var i = 0; i < runs.Length; i++)
        {
            // A root is the first run of its component, so it was numbered before any other run asks.
            var root = Root(i);
            var component = root == i ? Count++ : runs[root].Component;
            if (root == i)
            {
                _areas[component] = 0;
            }

            _areas[component] += runs[i].End - runs[i].Start;
            runs[i] = runs[i] with { Component = component };
        }
    }

    /// <param name="Row">Row of the plane.</param>
    /// <param name="Start">First column.</param>
    /// <param name="End">Column after the last.</param>
    /// <param name="Component">Number of its component.</param>
    internal readonly record struct Run(int Row, int Start, int End, int Component);
}
