using HoverFast.Quality;
using Xunit;

namespace HoverFast.Tests.Quality;

public sealed class QualityJudgeTests
{
    private static readonly AccuracyCard _accuracy = QualityJudge.BuiltIn.Accuracy with
    {
        Inputs = [new AccuracyInput("green", 0.4, 0.1, 0.05, 0.02)],
        Limit = 2,
        PqConstant = 0.6,
        DiceConstant = 0.8,
        PqBelow = -0.1,
        PqAbove = 0.2,
    };

    private static readonly ShiftCard _shift = QualityJudge.BuiltIn.ShiftNumbers with
    {
        Inputs = [new ScaledFigure("green", 0.4, 0.1), new ScaledFigure("red", 0.4, 0.1)],
        Precision = [[0.5, 0], [0, 0.5]],
        Threshold = 2,
    };

    private static readonly QualityJudge _judge = new(_accuracy, _shift);

    [Fact]
    public void AnUsualFieldIsTrusted()
    {
        var quality = _judge.Judge(Field(0.4, 0.4));
        Assert.Equal(
            (0.6, 0.5, 0.8, 0.8),
            (quality.ExpectedPq!.Value, quality.ExpectedPqLow!.Value, quality.ExpectedPqHigh!.Value, quality.ExpectedDice!.Value));
        Assert.Equal(0, quality.Shift!.Value, 6);
        Assert.Equal(QualityAdvice.Trust, quality.Advice);
        Assert.Empty(quality.Differences);
        Assert.Null(quality.Warning);
    }

    [Fact]
    public void AFarFieldIsTakenForAnotherKindOfPicture()
    {
        // Five standard deviations below in green and none in red: distance 5 / sqrt 2, over the threshold.
        var quality = _judge.Judge(Field(-0.1, 0.4));
        Assert.Equal(Math.Round(5 / Math.Sqrt(2) / 2, 2), quality.Shift!.Value, 6);
        Assert.Equal(QualityAdvice.Adapt, quality.Advice);
        Assert.Equal(["paler stain (-125 %)"], quality.Differences);
        Assert.Equal(0.5, quality.ExpectedPq!.Value, 6);
        Assert.Contains("paler stain", quality.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void AFieldOfMostlyGlassIsNotJudged()
    {
        var map = new FieldMap();
        foreach (var (column, stained) in (ReadOnlySpan<(int, long)>)[(0, QualityJudge.FewPixels - 1), (1, QualityJudge.FewPixels)])
        {
            var field = new FieldSums(column, 0);
            (field[FieldNumber.Pixels], field[FieldNumber.Stained]) = (30_000, stained);
            map.Add([field]);
        }

        var judged = Assert.Single(FieldQuality.Of(map, _judge, 4, 0, 0));
        Assert.Equal(FieldSums.Side * 4, judged.X);
    }

    [Fact]
    public void AFieldWithoutNucleiIsRefusedAndGlassIsLookedAt()
    {
        var empty = Field(0.4, 0.4);
        empty[FieldNumber.Nuclei] = 0;
        Assert.Equal(QualityAdvice.Refuse, _judge.Judge(empty).Advice);
        var glass = _judge.Judge(new FieldSums(0, 0));
        Assert.Equal(QualityAdvice.Look, glass.Advice);
        Assert.Null(glass.ExpectedPq);
        Assert.Equal("Too little tissue was seen to tell what accuracy to expect: look at the outlines.", glass.Warning);
    }

    [Fact]
    public void ACardWithAFigureThatNobodyKnowsIsRefused() =>
        Assert.Throws<InvalidDataException>(() => new QualityJudge(_accuracy with { Inputs = [new AccuracyInput("luck", 0, 1, 1, 1)] }, _shift));

    [Fact]
    public void TheCardsOfTheLibraryHoldOnSetsThatWereLeftOut()
    {
        var all = QualityJudge.BuiltIn.Accuracy.HeldOut.Single(h => h.Pictures == "all, and made worse");
        Assert.True(all.Count > 2000);
        Assert.InRange(all.Coverage, 0.75, 0.85);
        Assert.InRange(all.Spearman, 0.6, 1);
        var good = QualityJudge.BuiltIn.ShiftNumbers.HeldOut.Single(h => h.Pictures == "good unseen H&E");
        Assert.InRange(good.Beyond, 0, 0.05);
        Assert.All(QualityJudge.BuiltIn.ShiftNumbers.HeldOut.Where(h => h != good), h => Assert.InRange(h.Auroc, 0.7, 1));
    }

    private static FieldSums Field(double green, double red)
    {
        const int Pixels = 1000;
        var field = new FieldSums(0, 0);
        (field[FieldNumber.Pixels], field[FieldNumber.Stained], field[FieldNumber.Nuclei]) = (Pixels, Pixels, 10);
        (field[FieldNumber.Green], field[FieldNumber.Red]) = ((long)Math.Round(green * Pixels * FieldSums.One), (long)Math.Round(red * Pixels * FieldSums.One));
        return field;
    }
}
