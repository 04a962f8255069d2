using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Nuclei;

public sealed class TypeRuleTests
{
    [Theory]
    [InlineData(new[] { 50, 6, 4, 0 }, 1, 0.6f)] // the background has no vote
    [InlineData(new[] { 0, 4, 4, 0 }, 1, 0.5f)]
    [InlineData(new[] { 0, 3, 4, 3 }, 3, 0.4f)] // unsure
    [InlineData(new[] { 9, 0, 0, 0 }, 0, 0f)]
    public void Most_pixels_decide_and_too_few_of_them_leave_it_open(int[] votes, int type, float share) =>
        Assert.Equal((type, share), new TypeRule(0.45, 3).Of(votes));

    [Fact]
    public void The_rule_is_the_cards()
    {
        var card = new ModelCard
        {
            Name = "a",
            Kind = "student",
            Mpp = 0.5,
            TypeShare = 0.3,
            Types = [new("Background", [0, 0, 0]), new("A", [0, 0, 0]), new("Other", [0, 0, 0])],
        };
        Assert.Equal(new TypeRule(0.3, 2), TypeRule.Of(card));
    }

    [Fact]
    public void What_lies_around_can_overrule_a_nucleus_of_its_own_opinion()
    {
        // Own share of the type counts 1, that around 3.
        var rule = new TypeRule(0.45, 2, new TypeContext { Radius = 15, Weights = [[0, 1, 0, 3, 0, 0], [0, 0, 1, 0, 3, 0]] }) { KeepsInputs = true };
        var (type, probability, inputs) = rule.Of([5, 6, 4], [10, 90], 400);
        Assert.Equal(2, type);
        Assert.Equal([0.6, 0.4, 0.1, 0.9, 0.25], inputs!.Select(i => Math.Round(i, 9)));
        var (first, second) = (1 / (1 + Math.Exp(-0.9)), 1 / (1 + Math.Exp(-3.1)));
        Assert.Equal(second / (first + second), probability, 1e-6);
        Assert.Equal(1, rule.Of([5, 6, 4], [50, 50], 400).Type);
        Assert.Equal((0, 0f, null), rule.Of([5, 0, 0], [50, 50], 400));
        Assert.Equal(2, (rule with { LeastShare = 0.9, KeepsInputs = false }).Of([0, 9, 0], [50, 50], 400).Type);
    }

    [Theory]
    [InlineData(0, 0, 96, 80)]
    [InlineData(8, 16, 64, 48)]
    [InlineData(5, 7, 60, 50)]
    public void The_nucleus_pixels_around_a_point_are_counted_by_type(int left, int top, int width, int height)
    {
        const int Width = 96;
        const int Height = 80;
        const int Types = 3;
        var random = new Random(7);
        var maps = new NucleusMaps(Width, Height, types: new byte[Width * Height]);
        var area = new MapArea(left, top, width, height);
        var whole = new MapArea(0, 0, Width, Height);
        for (var i = 0; i < maps.Types!.Length; i++)
        {
            maps.Probability[i] = (byte)random.Next(256);
            var block = (i / Width / 4 * 4 * Width) + (i % Width / 4 * 4);
            maps.Types[i] = i == block ? (byte)random.Next(Types + 1) : maps.Types[block];
        }

        // 15 um are ten blocks of four pixels of .36 um.
        var around = new TypeSurroundings(new TypeContext { Radius = 15, Weights = [[], [], []] }, new Mpp(0.36));
        around.Take(maps, whole);
        around.Take(maps, area);
        var counts = new int[Types];
        foreach (var (x, y) in new[] { (30.5f, 40.2f), (50f, 35.9f), (66.1f, 20f) })
        {
            var pixels = around.Around(x, y, counts);
            var expected = new int[Types];
            var all = 0;
            for (var i = 0; i < 21 * 21; i++)
            {
                var (row, column) = (((int)y / 4) - 10 + (i / 21), ((int)x / 4) - 10 + (i % 21));
                if (column * 4 < left || row * 4 < top || (column * 4) + 4 > left + width || (row * 4) + 4 > top + height)
                {
                    continue;
                }

                all += 16;
                for (var p = 0; p < 16; p++)
                {
                    var at = (((row * 4) + (p / 4)) * Width) + (column * 4) + (p % 4);
                    if (maps.Types[at] is > 0 and var type)
                    {
                        expected[type - 1] += maps.Probability[at] >= 128 ? 1 : 0;
                    }
                }
            }

            Assert.Equal(all, pixels);
            Assert.Equal(expected, counts);
        }
    }

    // Nuclei of type 2 by their own pixels, beside many of type 1.
    [Fact]
    public void A_nucleus_among_others_goes_by_them_too()
    {
        const int Side = 96;
        var maps = new NucleusMaps(Side, Side, types: new byte[Side * Side]);
        Array.Fill(maps.Types!, (byte)1);
        foreach (var (x, y) in from x in Enumerable.Range(0, 4) from y in Enumerable.Range(0, 4) select (x, y))
        {
            Draw(maps, 12 + (x * 24), 12 + (y * 24), 8);
        }

        for (var i = 0; i < maps.Types!.Length; i++)
        {
            maps.Types[i] = (byte)(i % Side is >= 24 and < 48 && i / Side is >= 24 and < 48 ? 2 : 1);
        }

        TypeContext Context(double around) => new() { Radius = 15, Weights = [[0, 1, 0, around, 0, 0], [0, 0, 1, 0, around, 0]] };
        var alone = new NucleusFinder(new Mpp(0.36), types: new TypeRule(0, 2, Context(0))).Find(maps);
        var among = new NucleusFinder(new Mpp(0.36), types: new TypeRule(0, 2, Context(4))).Find(maps);
        Assert.Equal((16, 1), (alone.Count, alone.Count(n => n.Type == 2)));
        Assert.Equal((16, 0), (among.Count, among.Count(n => n.Type == 2)));
        Assert.All(among, n => Assert.InRange(n.TypeProbability, 0.5f, 1));
    }

    // Two touching nuclei and one apart; each pixel votes in its own nucleus.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_nucleus_gets_the_type_of_its_own_pixels(bool told)
    {
        const int Side = 64;
        var maps = new NucleusMaps(Side, Side, types: new byte[Side * Side]);
        Draw(maps, 16, 20, 9);
        Draw(maps, 35, 20, 9);
        Draw(maps, 45, 50, 8);
        for (var i = 0; i < maps.Types!.Length; i++)
        {
            // Left type 1; right 2, but for a fifth of its rows; below half and half.
            var (x, y) = (i % Side, i / Side);
            maps.Types[i] = (byte)(y > 36 ? (x % 2) + 1 : x < 26 ? 1 : y % 5 == 0 ? 1 : 2);
        }

        var found = new NucleusFinder(new Mpp(0.5), types: told ? new TypeRule(0.7, 3) : null)
            .Find(maps)
            .OrderBy(n => n.Centroid.Y > 36)
            .ThenBy(n => n.Centroid.X)
            .ToList();
        Assert.Equal(3, found.Count);
        Assert.Equal(told ? [1, 2, 3] : [0, 0, 0], found.Select(n => n.Type));
        if (told)
        {
            Assert.Equal(1, found[0].TypeProbability);
            Assert.InRange(found[1].TypeProbability, 0.75f, 0.85f);
            Assert.InRange(found[2].TypeProbability, 0.45f, 0.55f);
            Assert.Equal(found[1].TypeProbability, found[1].Transformed(2, 1, 1).Clipped(0, 0, 75, 1000).TypeProbability);
        }
    }

    private static void Draw(NucleusMaps maps, int cx, int cy, int radius)
    {
        for (var y = cy - radius; y <= cy + radius; y++)
        {
            for (var x = cx - radius; x <= cx + radius; x++)
            {
                if (((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) <= radius * radius)
                {
                    var i = (y * maps.Width) + x;
                    maps.Probability[i] = 250;
                    maps.Horizontal[i] = (sbyte)((x - cx) * NucleusMaps.HvScale / radius);
                    maps.Vertical[i] = (sbyte)((y - cy) * NucleusMaps.HvScale / radius);
                }
            }
        }
    }
}
