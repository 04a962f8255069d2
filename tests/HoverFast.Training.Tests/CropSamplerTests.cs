using HoverFast.Slides;
using HoverFast.Training.Data;
using Xunit;

namespace HoverFast.Training.Tests;

public sealed class CropSamplerTests
{
    private static readonly Augmentation _plain = new() { MinScale = 1, MaxScale = 1, Stretch = 0, FreeTurns = 0, PlainShare = 1 };

    [Fact]
    public void ACropDependsOnItsNumberAlone()
    {
        using var folder = new TemporaryFolder();
        var (a, b) = (Sampler(folder.Path, new Augmentation()), Sampler(folder.Path, new Augmentation()));
        _ = a.Draw(3);

        Assert.Equal(a.Draw(5).Rgb, b.Draw(5).Rgb);
        Assert.Equal(a.Draw(5).Target, b.Draw(5).Target);
        Assert.NotEqual(a.Draw(5).Rgb, a.Draw(6).Rgb);
    }

    [Fact]
    public void TargetsKeepTheLawsOfHvMaps()
    {
        using var folder = new TemporaryFolder();
        var sampler = Sampler(folder.Path, new Augmentation());
        var plane = 64 * 64;
        for (var n = 0; n < 20; n++)
        {
            var crop = sampler.Draw(n);
            Assert.All(crop.Rgb, v => Assert.InRange(v, 0f, 1f));
            for (var i = 0; i < plane; i++)
            {
                var (p, h, v, inside) = (crop.Target[i], crop.Target[plane + i], crop.Target[(2 * plane) + i], crop.Target[(4 * plane) + i]);
                Assert.InRange(p, 0f, 1f);
                Assert.InRange(h, -1f, 1f);
                Assert.InRange(v, -1f, 1f);
                Assert.True(inside == 1 || (h == 0 && v == 0));
            }
        }
    }

    [Fact]
    public void HorizontalMapRisesFromLeftToRightHoweverTheImageIsTurned()
    {
        using var folder = new TemporaryFolder();
        var sampler = Sampler(folder.Path, new Augmentation());
        var (rising, falling) = (0, 0);
        for (var n = 0; n < 20; n++)
        {
            var target = sampler.Draw(n).Target;
            for (var i = 0; i < (64 * 64) - 1; i++)
            {
                if (target[(4 * 64 * 64) + i] == 1 && target[(4 * 64 * 64) + i + 1] == 1 && (i + 1) % 64 != 0)
                {
                    (rising, falling) = target[(64 * 64) + i + 1] >= target[(64 * 64) + i] ? (rising + 1, falling) : (rising, falling + 1);
                }
            }
        }

        // Falls happen only where one nucleus touches the next.
        Assert.True(rising > 20 * falling, $"{rising} rise, {falling} fall");
    }

    [Fact]
    public void NucleiAreDarkWhereTheTargetSaysSo()
    {
        using var folder = new TemporaryFolder();
        var crop = Sampler(folder.Path, _plain).Draw(1);
        for (var i = 0; i < 64 * 64; i++)
        {
            if (crop.Target[i] is 0 or 1)
            {
                Assert.Equal(crop.Target[i] == 1, crop.Rgb[i * 3] < 0.5f);
            }
        }
    }

    private static CropSampler Sampler(string folder, Augmentation augmentation)
    {
        Drawn.Run(folder, 1);
        var set = DataSet.Load(new DataSetConfiguration { Name = "drawn", Folder = "data", Mpp = 0.25 }, folder);
        return new CropSampler([set], augmentation, seed: 7, size: 64, targetStride: 1, new Mpp(0.5), gapWeight: 2);
    }
}
