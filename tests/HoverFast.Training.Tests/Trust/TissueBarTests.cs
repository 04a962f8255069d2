using HoverFast.Quality;
using HoverFast.Training.Trust;
using Xunit;

namespace HoverFast.Training.Tests.Trust;

/// <summary>One figure speaks for the own tissue, logit for logit: how red it is.</summary>
public sealed class TissueBarTests
{
    private static readonly TissueCard _card = new()
    {
        Inputs = [new ScaledFigure("red", 0, 1)],
        CutOff = 5,
        Weights = [1],
        Constant = 0,
        Own = [0],
        Precision = [[1]],
        Limit = 100,
    };

    [Theory]
    [InlineData(10, 3.0, 1.0)] // All is far above: as high as it goes.
    [InlineData(10, 0.6, 0.5)] // The weakest tile of ten stays known.
    [InlineData(10, 0.1, 0.0)]
    [InlineData(10, -1.0, 1.0)] // It wasn't known to begin with, and is not lost.
    [InlineData(9, 3.0, 0.0)] // Too few to say.
    public void TheBarIsAsHighAsNoTileIsLost(int tiles, double weakest, double bar)
    {
        var all = Enumerable.Range(0, tiles).Select(i => Tile(i == 4 ? weakest : 2)).ToList();
        (TissueCard, IReadOnlyList<IReadOnlyList<FieldSums>>)[] held = [(_card, all[..3]), (_card, all[3..])];
        Assert.Equal(bar, TissueBar.Of(held));
        Assert.Equal(weakest < 0 ? tiles - 1 : tiles, TissueBar.Known(held, 0));
        Assert.Equal(TissueBar.Known(held, 0), TissueBar.Known(held, bar));
    }

    [Fact]
    public void MoreMustSpeakForAStricterCard()
    {
        var (strict, tile) = (new TissueRecogniser(_card.Stricter(0.75)), Tile(0.7));
        Assert.True(new TissueRecogniser(_card).AreOwn(tile));
        Assert.False(strict.AreOwn(tile));
        Assert.True(strict.AreOwn(Tile(0.8)));
    }

    private static IReadOnlyList<FieldSums> Tile(double red)
    {
        var place = new FieldSums(0, 0);
        place[FieldNumber.Stained] = QualityJudge.FewPixels;
        place[FieldNumber.Nuclei] = 1;
        place[FieldNumber.Red] = (long)(red * QualityJudge.FewPixels * FieldSums.One);
        return [place];
    }
}
