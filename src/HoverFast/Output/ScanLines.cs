using System.Numerics;

namespace HoverFast.Output;

/// <summary>The pixels inside an outline as runs, row by row; to be used in a foreach.</summary>
internal ref struct ScanLines
{
    private readonly ReadOnlySpan<Vector2> _contour;
    private readonly int _width;
    private readonly int _lastRow;
    private readonly List<float> _crossings = [];
    private int _row;
    private int _next;

    public ScanLines(ReadOnlySpan<Vector2> contour, int width, int height)
    {
        var (top, bottom) = (float.MaxValue, float.MinValue);
        foreach (var p in contour)
        {
            top = MathF.Min(top, p.Y);
            bottom = MathF.Max(bottom, p.Y);
        }

        _contour = contour;
        _width = width;
        _row = Math.Max(0, (int)MathF.Ceiling(top - 0.5f)) - 1;
        _lastRow = Math.Min(height - 1, (int)MathF.Ceiling(bottom - 0.5f) - 1);
        Current = default;
    }

    public Run Current { get; private set; }

    public readonly ScanLines GetEnumerator() => this;

    public bool MoveNext()
    {
        while (true)
        {
            while (_next + 1 < _crossings.Count)
            {
                var start = Math.Max(0, (int)MathF.Ceiling(_crossings[_next] - 0.5f));
                var end = Math.Min(_width, (int)MathF.Ceiling(_crossings[_next + 1] - 0.5f));
                _next += 2;
                if (end > start)
                {
                    Current = new Run(_row, start, end);
                    return true;
                }
            }

            if (++_row > _lastRow)
            {
                return false;
            }

            Cross(_row + 0.5f);
        }
    }

    private void Cross(float y)
    {
        _crossings.Clear();
        _next = 0;
        var a = _contour[^1];
        foreach (var b in _contour)
        {
            if (a.Y <= y != b.Y <= y)
            {
                _crossings.Add(a.X + ((y - a.Y) / (b.Y - a.Y) * (b.X - a.X)));
            }

            a = b;
        }

        _crossings.Sort();
    }

    /// <param name="Row">Row of the image.</param>
    /// <param name="Start">First pixel.</param>
    /// <param name="End">Pixel after the last.</param>
    internal readonly record struct Run(int Row, int Start, int End);
}
