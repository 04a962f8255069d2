using HoverFast.Nuclei;

namespace HoverFast.Tests.Output;

/// <summary>Rings of many kinds: sound ones, and such that touch, cross, turn back, repeat or run straight.</summary>
internal static class RandomOutlines
{
    public static OutlinePoint[] Next(Random random)
    {
        var ring = random.Next(4) switch
        {
            0 => Star(random, random.Next(3, 40), 200 + random.Next(3000)),
            1 => Star(random, random.Next(3, 14), 3 + random.Next(12)),
            2 => Scattered(random, random.Next(3, 9), 2 + random.Next(10)),
            _ => Staircase(random),
        };
        var points = ring.ToList();
        var faults = random.Next(3);
        for (var i = 0; i < faults; i++)
        {
            Spoil(points, random);
        }

        var (dx, dy) = (random.Next(-1000, 10_000_000), random.Next(-1000, 10_000_000));
        return [.. points.Select(p => new OutlinePoint(p.X + dx, p.Y + dy))];
    }

    /// <summary>A ring about a centre, as nuclei are: sound while it is large against the rounding.</summary>
    public static OutlinePoint[] Star(Random random, int points, double radius) =>
    [
        .. Enumerable.Range(0, points).Select(i =>
        {
            var angle = 2 * Math.PI * i / points;
            var r = radius * (0.75 + (0.25 * random.NextDouble()));
            return new OutlinePoint((int)Math.Round(r * Math.Cos(angle)), (int)Math.Round(r * Math.Sin(angle)));
        }),
    ];

    private static OutlinePoint[] Scattered(Random random, int points, int side) =>
        [.. Enumerable.Range(0, points).Select(_ => new OutlinePoint(random.Next(side), random.Next(side)))];

    /// <summary>Half-pixel steps as a contour follower makes them, with straight runs and sometimes pinched.</summary>
    private static OutlinePoint[] Staircase(Random random)
    {
        var upper = new List<OutlinePoint>();
        var lower = new List<OutlinePoint>();
        for (var x = 0; x < random.Next(2, 12); x++)
        {
            var y = random.Next(0, 4);
            upper.Add(new OutlinePoint(x * 50, y * 50));
            lower.Add(new OutlinePoint(x * 50, (y + random.Next(0, 4)) * 50));
        }

        lower.Reverse();
        return [.. upper, .. lower];
    }

    private static void Spoil(List<OutlinePoint> ring, Random random)
    {
        var i = random.Next(ring.Count);
        var next = ring[(i + 1) % ring.Count];
        switch (random.Next(5))
        {
            case 0: // repeated
                ring.Insert(i, ring[i]);
                break;
            case 1: // spike
                ring.Insert(i + 1, new OutlinePoint((2 * next.X) - ring[i].X, (2 * next.Y) - ring[i].Y));
                break;
            case 2: // touches another point
                ring[i] = ring[random.Next(ring.Count)];
                break;
            case 3: // in the middle of an edge
                ring.Insert(i + 1, new OutlinePoint((ring[i].X + next.X) / 2, (ring[i].Y + next.Y) / 2));
                break;
            default: // on an edge elsewhere
                var j = random.Next(ring.Count);
                var k = (j + 1) % ring.Count;
                ring[i] = new OutlinePoint((ring[j].X + ring[k].X) / 2, (ring[j].Y + ring[k].Y) / 2);
                break;
        }
    }
}
