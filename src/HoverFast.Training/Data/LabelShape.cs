using System.Numerics;
using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>One labelled thing as it lies in its file, before anything is cut off at the picture's edge.</summary>
/// <param name="Area">Pixels that it covers.</param>
/// <param name="Pieces">Parts that don't touch, not even at a corner.</param>
/// <param name="Bounds">The pixels that it spans.</param>
internal sealed record LabelShape(double Area, int Pieces, PixelRect Bounds)
{
    /// <summary>The shapes in a label image, by label.</summary>
    public static IReadOnlyList<LabelShape> In(LabelImage image)
    {
        var shapes = new SortedDictionary<int, (int Area, int Pieces, int Left, int Top, int Right, int Bottom)>();
        var seen = new bool[image.Labels.Length];
        var open = new Stack<int>();
        for (var start = 0; start < seen.Length; start++)
        {
            var label = image.Labels[start];
            if (label == 0 || seen[start])
            {
                continue;
            }

            if (!shapes.TryGetValue(label, out var shape))
            {
                shape = (0, 0, int.MaxValue, int.MaxValue, -1, -1);
            }

            shape.Pieces++;
            seen[start] = true;
            open.Push(start);
            while (open.TryPop(out var at))
            {
                var (y, x) = Math.DivRem(at, image.Width);
                shape = (shape.Area + 1, shape.Pieces, Math.Min(shape.Left, x), Math.Min(shape.Top, y), Math.Max(shape.Right, x), Math.Max(shape.Bottom, y));
                for (var ny = Math.Max(0, y - 1); ny <= Math.Min(image.Height - 1, y + 1); ny++)
                {
                    for (var nx = Math.Max(0, x - 1); nx <= Math.Min(image.Width - 1, x + 1); nx++)
                    {
                        var next = (ny * image.Width) + nx;
                        if (!seen[next] && image.Labels[next] == label)
                        {
                            seen[next] = true;
                            open.Push(next);
                        }
                    }
                }
            }

            shapes[label] = shape;
        }

        return [.. shapes.Values.Select(s => new LabelShape(s.Area, s.Pieces, new PixelRect(s.Left, s.Top, s.Right - s.Left + 1, s.Bottom - s.Top + 1)))];
    }

    /// <summary>The shape of an outline.</summary>
    public static LabelShape Of(ReadOnlySpan<Vector2> ring)
    {
        var (low, high, area) = (ring[0], ring[0], 0.0);
        for (var i = 0; i < ring.Length; i++)
        {
            var next = ring[(i + 1) % ring.Length];
            area += ((double)ring[i].X * next.Y) - ((double)next.X * ring[i].Y);
            (low, high) = (Vector2.Min(low, ring[i]), Vector2.Max(high, ring[i]));
        }

        var (left, top) = ((int)MathF.Floor(low.X), (int)MathF.Floor(low.Y));
        return new LabelShape(Math.Abs(area) / 2, 1, new PixelRect(left, top, (int)MathF.Ceiling(high.X) - left, (int)MathF.Ceiling(high.Y) - top));
    }
}
