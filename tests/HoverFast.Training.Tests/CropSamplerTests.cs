using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Adaptation;
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

    /// <summary>Labels are any numbers: an object's number in a database, or a hash.</summary>
    [Fact]
    public void LargeLabelsTakeNoMemoryAndTeachTheSame()
    {
        using var folder = new TemporaryFolder();
        var image = Drawn.Discs(160, 5);
        var numbers = image.Labels.Labels.Where(l => l != 0).Distinct().Order().ToList();
        var large = new LabelImage(160, 160, Array.ConvertAll(image.Labels.Labels, l => l == 0 ? 0 : int.MaxValue - (100_000_000 * numbers.IndexOf(l))));
        Drawn.Write(Path.Combine(folder.Path, "small"), image);
        Drawn.Write(Path.Combine(folder.Path, "large"), image);
        File.Delete(Path.Combine(folder.Path, "large", "labels", image.Name + ".png"));
        LabelImageFile.WriteTiff(Path.Combine(folder.Path, "large", "labels", image.Name + ".tif"), large);

        var (before, renamed) = (Load("small"), Load("large"));
        var (known, same) = (Assert.Single(before.Images), Assert.Single(renamed.Images));
        Assert.Equal(numbers.Count, same.Instances.Count);
        Assert.Equal(known.TypedNuclei.Reverse(), same.TypedNuclei);
        Assert.Equal(CropSelection.DensestPart(known, 96), CropSelection.DensestPart(same, 96));
        Assert.Equal(Sampler(before, _plain).Draw(3).Target, Sampler(renamed, _plain).Draw(3).Target);

        DataSet Load(string name) => DataSet.Load(new DataSetConfiguration { Name = name, Folder = name, Mpp = 0.25 }, folder.Path);
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
        return Sampler(set, augmentation);
    }

    private static CropSampler Sampler(DataSet set, Augmentation augmentation) =>
        new([set], augmentation, seed: 7, size: 64, targetStride: 1, new Mpp(0.5), gapWeight: 2);
}
