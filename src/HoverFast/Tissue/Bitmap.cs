namespace HoverFast.Tissue;

/// <summary>Morphology on a bitmap, in place: square structuring elements, 4-connected components. Outside is background.</summary>
/// <param name="width">Cells in a row.</param>
/// <param name="height">Rows.</param>
/// <param name="cells">Row-major; changed in place.</param>
internal sealed class Bitmap(int width, int height, bool[] cells)
{
    /// <summary>Sets every cell within <paramref name="radius"/> (in x and in y) of a set one.</summary>
    public void Dilate(int radius) => Spread(true, radius);

    /// <summary>Closes gaps up to twice the radius wide. The border of the bitmap does not eat into the foreground.</summary>
    public void Close(int radius)
    {
        Spread(true, radius);
        Spread(false, radius);
    }

    /// <summary>Turns connected components of <paramref name="value"/> that hold fewer than <paramref name="cellCount"/> cells into the other value.</summary>
    /// <remarks>Background components that touch the border are kept: they are not holes.</remarks>
    public void DropComponents(bool value, int cellCount)
    {
        var seen = new bool[cells.Length];
        var component = new List<int>();
        for (var start = 0; start < cells.Length; start++)
        {
            if (seen[start] || cells[start] != value)
            {
                continue;
            }

            component.Clear();
            component.Add(start);
            seen[start] = true;
            var touchesBorder = false;
            for (var next = 0; next < component.Count; next++)
            {
                var i = component[next];
                var (y, x) = Math.DivRem(i, width);
                touchesBorder |= x == 0 || y == 0 || x == width - 1 || y == height - 1;
                Visit(x > 0, i - 1);
                Visit(x < width - 1, i + 1);
                Visit(y > 0, i - width);
                Visit(y < height - 1, i + width);
            }

            if (component.Count < cellCount && (value || !touchesBorder))
            {
                foreach (var i in component)
                {
                    cells[i] = !value;
                }
            }
        }

        void Visit(bool inside, int i)
        {
            if (inside && !seen[i] && cells[i] == value)
            {
                seen[i] = true;
                component.Add(i);
            }
        }
    }

    private void Spread(bool value, int radius)
    {
        for (var y = 0; y < height; y++)
        {
            SpreadLine(value, radius, y * width, 1, width);
        }

        for (var x = 0; x < width; x++)
        {
            SpreadLine(value, radius, x, width, height);
        }
    }

    private void SpreadLine(bool value, int radius, int start, int step, int length)
    {
        Span<bool> line = length <= 4096 ? stackalloc bool[length] : new bool[length];
        for (var i = 0; i < length; i++)
        {
            line[i] = cells[start + (i * step)];
        }

        var reach = int.MinValue / 2;
        for (var i = 0; i < length; i++)
        {
            reach = line[i] == value ? i : reach;
            cells[start + (i * step)] = i - reach <= radius ? value : line[i];
        }

        reach = int.MaxValue / 2;
        for (var i = length - 1; i >= 0; i--)
        {
            reach = line[i] == value ? i : reach;
            cells[start + (i * step)] = reach - i <= radius ? value : cells[start + (i * step)];
        }
    }
}
