using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Nuclei;

/// <summary>
/// Counts the nucleus pixels of each type in a square around a nucleus, by summed-area tables over blocks of pixels. The blocks lie on multiples of their
/// side, as tiles do, so that every tile that sees the square counts the same. Serves one thread at a time.
/// </summary>
internal sealed class TypeSurroundings
{
    /// <summary>Side of a block in map pixels; students answer for types as coarsely.</summary>
    private const int Block = 4;

    /// <summary>Probability from which a pixel counts as one of a nucleus.</summary>
    private const byte Inside = 128;

    private readonly int _types;
    private readonly int _reach;
    private int[] _sums = [];
    private (int Left, int Top, int Width, int Height) _blocks;

    /// <param name="context">How far to look, and for how many types.</param>
    /// <param name="mapMpp">Pixel size of the maps.</param>
    public TypeSurroundings(TypeContext context, Mpp mapMpp)
    {
        _types = context.Weights.Count;
        _reach = Math.Max(1, (int)Math.Floor(context.Radius / (Block * mapMpp.MicronsPerPixel)));
    }

    /// <summary>Takes a tile's maps.</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="area">The part of them that counts.</param>
    public void Take(NucleusMaps maps, MapArea area)
    {
        var (left, top) = ((area.Left + Block - 1) / Block, (area.Top + Block - 1) / Block);
        _blocks = (left, top, Math.Max(0, ((area.Left + area.Width) / Block) - left), Math.Max(0, ((area.Top + area.Height) / Block) - top));
        var (stride, rows) = (_blocks.Width + 1, _blocks.Height + 1);
        var length = _types * stride * rows;
        _sums = _sums.Length < length ? new int[length] : _sums;
        Array.Clear(_sums, 0, length);
        Span<int> line = stackalloc int[_types];
        for (var y = 0; y < _blocks.Height; y++)
        {
            line.Clear();
            for (var x = 0; x < _blocks.Width; x++)
            {
                var at = ((top + y) * Block * maps.Width) + ((left + x) * Block);
                if (maps.Types![at + maps.Width + 1] is > 0 and var type && type <= _types)
                {
                    line[type - 1] += NucleusPixels(maps, at);
                }

                var to = ((y + 1) * stride) + x + 1;
                for (var t = 0; t < _types; t++, to += stride * rows)
                {
                    _sums[to] = _sums[to - stride] + line[t];
                }
            }
        }
    }

    /// <summary>Counts around a point.</summary>
    /// <param name="x">Its column in the maps.</param>
    /// <param name="y">Its row.</param>
    /// <param name="around">Gets the nucleus pixels by type.</param>
    /// <returns>All pixels of the square, as far as it lies in the part that counts.</returns>
    public int Around(float x, float y, Span<int> around)
    {
        var (column, row) = ((int)MathF.Floor(x / Block) - _blocks.Left, (int)MathF.Floor(y / Block) - _blocks.Top);
        var (left, right) = (Math.Clamp(column - _reach, 0, _blocks.Width), Math.Clamp(column + _reach + 1, 0, _blocks.Width));
        var (top, bottom) = (Math.Clamp(row - _reach, 0, _blocks.Height), Math.Clamp(row + _reach + 1, 0, _blocks.Height));
        var stride = _blocks.Width + 1;
        for (var t = 0; t < _types; t++)
        {
            var plane = _sums.AsSpan(t * stride * (_blocks.Height + 1));
            around[t] = plane[(bottom * stride) + right] - plane[(bottom * stride) + left] - plane[(top * stride) + right] + plane[(top * stride) + left];
        }

        return Block * Block * (right - left) * (bottom - top);
    }

    private static int NucleusPixels(NucleusMaps maps, int at)
    {
        var count = 0;
        for (var row = 0; row < Block; row++, at += maps.Width)
        {
            foreach (var probability in maps.Probability.AsSpan(at, Block))
            {
                count += probability >= Inside ? 1 : 0;
            }
        }

        return count;
    }
}
