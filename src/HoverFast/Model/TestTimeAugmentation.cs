using System.Numerics;
using System.Runtime.InteropServices;
using HoverFast.Slides;

namespace HoverFast.Model;

/// <summary>
/// One of the eight mirrored and turned views of a picture (the dihedral group of the square), for test-time augmentation: it is applied to the
/// picture and inverted on the maps, where the HV maps change sign and place with their axes.
/// </summary>
/// <param name="Transposed">Rows become columns, before the mirrors.</param>
/// <param name="MirroredX">Left becomes right.</param>
/// <param name="MirroredY">Top becomes bottom.</param>
internal readonly record struct TestTimeAugmentation(bool Transposed, bool MirroredX, bool MirroredY)
{
    /// <summary>How many there are.</summary>
    public const int Most = 8;

    /// <summary>The first so many of the eight; the first one is the picture as it is, the first four keep its sides.</summary>
    public static IReadOnlyList<TestTimeAugmentation> First(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Most);
        return [.. Enumerable.Range(0, count).Select(i => new TestTimeAugmentation((i & 4) != 0, (i & 1) != 0, (i & 2) != 0))];
    }

    /// <summary>The view of a picture; the picture itself where that is no change.</summary>
    public RgbImage Apply(RgbImage picture)
    {
        if (this == default)
        {
            return picture;
        }

        var turned = Transposed ? new RgbImage(picture.Height, picture.Width) : new RgbImage(picture.Width, picture.Height);
        Apply(picture, turned);
        return turned;
    }

    /// <summary>Makes the view of a picture in the caller's memory.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="turned">Takes it; its sides are those of the picture, or changed where this view is transposed.</param>
    public void Apply(RgbImage picture, RgbImage turned)
    {
        var from = MemoryMarshal.Cast<byte, Pixel>(picture.Pixels.AsSpan(0, picture.Width * picture.Height * 3));
        var to = MemoryMarshal.Cast<byte, Pixel>(turned.Pixels.AsSpan(0, from.Length * 3));
        for (var y = 0; y < picture.Height; y++)
        {
            var (at, step) = Line(y, picture.Width, picture.Height);
            foreach (var pixel in from.Slice(y * picture.Width, picture.Width))
            {
                to[at] = pixel;
                at += step;
            }
        }
    }

    /// <summary>Turns maps of the view back, but for nucleus types.</summary>
    /// <param name="maps">Maps of the view; not changed.</param>
    /// <returns>Maps that lie as the picture did; the given ones where that is no change.</returns>
    public NucleusMaps Invert(NucleusMaps maps)
    {
        if (this == default)
        {
            return maps;
        }

        var back = Transposed ? new NucleusMaps(maps.Height, maps.Width) : new NucleusMaps(maps.Width, maps.Height);
        Invert(maps, back);
        return back;
    }

    /// <summary>As <see cref="Invert(NucleusMaps)"/>, into the caller's memory.</summary>
    public void Invert(NucleusMaps maps, NucleusMaps back)
    {
        TurnBack(maps.Probability, back.Probability, back.Width, back.Height, negated: false);
        TurnBack(maps.Horizontal, Transposed ? back.Vertical : back.Horizontal, back.Width, back.Height, MirroredX);
        TurnBack(maps.Vertical, Transposed ? back.Horizontal : back.Vertical, back.Width, back.Height, MirroredY);
    }

    private void TurnBack<T>(T[] turned, T[] back, int width, int height, bool negated)
        where T : struct, INumberBase<T>
    {
        for (var y = 0; y < height; y++)
        {
            var (from, step) = Line(y, width, height);
            foreach (ref var value in back.AsSpan(y * width, width))
            {
                value = negated ? -turned[from] : turned[from];
                from += step;
            }
        }
    }

    // Where the first pixel of a picture's row y lies on the turned picture, and how far from there the next one.
    private (int Start, int Step) Line(int y, int width, int height)
    {
        var (turnedWidth, turnedHeight) = Transposed ? (height, width) : (width, height);
        var (u, v) = Transposed ? (y, 0) : (0, y);
        var start = ((MirroredY ? turnedHeight - 1 - v : v) * turnedWidth) + (MirroredX ? turnedWidth - 1 - u : u);
        return (start, Transposed ? (MirroredY ? -turnedWidth : turnedWidth) : MirroredX ? -1 : 1);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly record struct Pixel(byte R, byte G, byte B);
}
