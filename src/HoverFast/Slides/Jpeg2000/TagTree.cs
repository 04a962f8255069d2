namespace HoverFast.Slides.Jpeg2000;

/// <summary>A tag tree (T.800 B.10.2): small numbers of a grid, coded from coarse to fine.</summary>
internal sealed class TagTree
{
    private readonly int[] _values;
    private readonly int[] _lows;
    private readonly (int Start, int Width)[] _levels;

    public TagTree(int width, int height)
    {
        var levels = new List<(int, int)>();
        var count = 0;
        while (true)
        {
            levels.Add((count, width));
            count += width * height;
            if (width * height <= 1)
            {
                break;
            }

            width = (width + 1) / 2;
            height = (height + 1) / 2;
        }

        _levels = [.. levels];
        _values = new int[count];
        _lows = new int[count];
        Array.Fill(_values, int.MaxValue);
    }

    /// <summary>Reads as much as tells whether a leaf's number is below a threshold.</summary>
    public bool IsBelow(ref PacketBits bits, int x, int y, int threshold)
    {
        var low = 0;
        for (var level = _levels.Length - 1; level >= 0; level--)
        {
            var node = _levels[level].Start + ((y >> level) * _levels[level].Width) + (x >> level);
            low = Math.Max(low, _lows[node]);
            while (low < threshold && low < _values[node])
            {
                if (bits.Next() == 1)
                {
                    _values[node] = low;
                }
                else
                {
                    low++;
                }
            }

            _lows[node] = low;
        }

        return _values[_levels[0].Start + (y * _levels[0].Width) + x] < threshold;
    }

    /// <summary>A leaf's number once it is known to be below some threshold.</summary>
    public int Value(int x, int y) => _values[(y * _levels[0].Width) + x];
}
