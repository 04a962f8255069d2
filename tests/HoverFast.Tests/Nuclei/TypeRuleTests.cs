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
