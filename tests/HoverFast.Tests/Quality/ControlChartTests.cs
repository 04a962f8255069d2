using HoverFast.Quality;
using Xunit;

namespace HoverFast.Tests.Quality;

public sealed class ControlChartTests
{
    private const int Figures = 11;

    [Fact]
    public void TheAverageAndItsLimitAreThoseOfTheFormula()
    {
        var points = ControlChart.Chart([1, 3, double.NaN], new ControlBaseline(2, 10, 50));
        Assert.Equal(2 - 0.2, points[0].Average, 9);
        Assert.Equal(ControlChart.Width * 10 * Math.Sqrt((0.2 * 0.2) + 0.02), points[0].Limit, 9);
        Assert.Equal(1.8 + (0.2 * 1.2), points[1].Average, 9);
        Assert.Equal(ControlChart.Width * 10 * Math.Sqrt((0.2 / 1.8 * (1 - Math.Pow(0.8, 4))) + 0.02), points[1].Limit, 9);
        Assert.False(points[2].IsAlarm);
        Assert.Equal(points[1].Average, points[2].Average);
    }

    /// <summary>Slides in order: with a baseline of 30 slides, at most 3 false alarms in 1000 slides over all figures together.</summary>
    [Fact]
    public void SlidesInOrderRaiseFewAlarms()
    {
        var random = new Random(11);
        var (alarms, slides) = (0, 0);
        for (var laboratory = 0; laboratory < 200; laboratory++)
        {
            slides += 200;
            for (var figure = 0; figure < Figures; figure++)
            {
                var baseline = ControlBaseline.Of([.. Enumerable.Range(0, 30).Select(_ => Normal(random))]);
                alarms += ControlChart.Chart([.. Enumerable.Range(0, 200).Select(_ => Normal(random))], baseline).Count(p => p.IsAlarm);
            }
        }

        Assert.InRange(1000.0 * alarms / slides, 0.1, 3);
    }

    /// <summary>Stain fading by 1 % a slide (slides vary by 8 %), focus lost by a fifth of a deviation a slide, a scanner that is two deviations off.</summary>
    [Theory]
    [InlineData("stain", 20)]
    [InlineData("focus", 13)]
    [InlineData("scanner", 10)]
    public void ChangesAreFoundWithinSlides(string change, int most)
    {
        var random = new Random(5);
        var delays = new List<int>();
        for (var run = 0; run < 200; run++)
        {
            var baseline = ControlBaseline.Of([.. Enumerable.Range(0, 30).Select(_ => Value(-1))]);
            var points = ControlChart.Chart([.. Enumerable.Range(0, 80).Select(Value)], baseline);
            delays.Add(points.TakeWhile(p => !p.IsAlarm).Count() + 1);
        }

        delays.Sort();
        Assert.InRange(delays[100], 2, most);
        Assert.InRange(delays[190], 2, 2 * most);

        double Value(int slide) => change switch
        {
            "stain" => 0.4 * Math.Pow(0.99, slide + 1) * (1 + (0.08 * Normal(random))),
            "focus" => Normal(random) - (0.2 * (slide + 1)),
            _ => Normal(random) + (slide < 0 ? 0 : 2),
        };
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}
