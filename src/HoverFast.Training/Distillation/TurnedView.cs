using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Training.Distillation;

/// <summary>
/// One of the eight ways to lay a picture on the table (the dihedral group of the square), for test-time augmentation: a picture is laid that
/// way, and maps of it are laid back, the HV maps changing sign and place with their axes.
/// </summary>
/// <param name="Transposed">Rows become columns, before the mirrors.</param>
/// <param name="MirroredX">Left becomes right.</param>
/// <param name="MirroredY">Top becomes bottom.</param>
internal readonly record struct TurnedView(bool Transposed, bool MirroredX, bool MirroredY)
{
    /// <summary>The first so many of the eight; the first one is the picture as it is, the first four keep its sides.</summary>
    public static IReadOnlyList<TurnedView> First(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 8);
        return [.. Enumerable.Range(0, count).Select(i => new TurnedView((i & 4) != 0, (i & 1) != 0, (i & 2) != 0))];
    }

    /// <summary>The picture laid this way.</summary>
    public RgbImage Of(RgbImage picture)
    {
        var turned = Transposed ? new RgbImage(picture.Height, picture.Width) : new RgbImage(picture.Width, picture.Height);
        for (var y = 0; y < picture.Height; y++)
        {
            var row = picture.Row(y);
            for (var x = 0; x < picture.Width; x++)
            {
                row.Slice(x * 3, 3).CopyTo(turned.Pixels.AsSpan(Place(x, y, turned.Width, turned.Height) * 3));
            }
        }

        return turned;
    }

    /// <summary>Adds maps of the turned picture to sums that lie as the picture did.</summary>
    /// <param name="maps">Maps of the turned picture.</param>
    /// <param name="sums">Of the sides of the picture as it was.</param>
    public void AddBack(NucleusMaps maps, MapSums sums)
    {
        for (var y = 0; y < sums.Height; y++)
        {
            for (var x = 0; x < sums.Width; x++)
            {
                var from = Place(x, y, maps.Width, maps.Height);
                var h = MirroredX ? -maps.Horizontal[from] : maps.Horizontal[from];
                var v = MirroredY ? -maps.Vertical[from] : maps.Vertical[from];
                sums.Add((y * sums.Width) + x, maps.Probability[from], Transposed ? v : h, Transposed ? h : v);
            }
        }
    }

    // Where the picture's (x, y) lies on the turned picture of these sides.
    private int Place(int x, int y, int width, int height)
    {
        var (u, v) = Transposed ? (y, x) : (x, y);
        return ((MirroredY ? height - 1 - v : v) * width) + (MirroredX ? width - 1 - u : u);
    }
}
