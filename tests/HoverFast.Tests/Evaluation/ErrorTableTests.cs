using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Evaluation;

public sealed class ErrorTableTests
{
    private const int Width = 200;
    private const int Height = 40;
    private static readonly Mpp _mpp = new(0.5);

    [Fact]
    public void EachNucleusIsOneKindOfErrorOrNone()
    {
        var (truth, found) = (new LabelImage(Width, Height), new LabelImage(Width, Height));
        Fill(truth, 1, 5, 5, 10, 10); // right
        Fill(found, 1, 5, 5, 10, 11);
        Fill(truth, 2, 25, 5, 10, 10); // missed: a sliver covers it
        Fill(found, 2, 25, 5, 1, 10);
        Fill(truth, 3, 45, 5, 10, 10); // these two merged
        Fill(truth, 4, 55, 5, 10, 10);
        Fill(found, 3, 45, 5, 20, 10);
        Fill(truth, 5, 85, 5, 20, 10); // split
        Fill(found, 4, 85, 5, 10, 10);
        Fill(found, 5, 95, 5, 10, 10);
        Fill(truth, 6, 125, 5, 10, 10); // poor outline
        Fill(found, 6, 125, 5, 4, 10);
        Fill(found, 7, 170, 5, 10, 10); // false
        var picture = new RgbImage(Width, Height);
        picture.Pixels.AsSpan().Fill(120);
        picture.Row(6)[(126 * 3)..(129 * 3)].Clear();

        var table = ErrorTable.Of(truth, found, picture, _mpp);
        Assert.Equal([1, 1, 2, 1, 1, 1], Enum.GetValues<NucleusError>().Select(table.Count));

        // 25 um2 each but for the split one's 50; one false nucleus of 25.
        Assert.Equal(1, table.Count(1, 2, NucleusError.Split));
        Assert.Equal(2, table.Count(1, 1, NucleusError.Merged));
        Assert.Equal(1, table.Count(1, 1, NucleusError.False));

        // 120 of 255 lies in the third group; the merged ones have each other at 5 um, the right one a neighbour at 10.
        Assert.Equal(2, table.Count(2, 2, NucleusError.Merged));
        Assert.Equal(2, table.Count(3, 0, NucleusError.Merged));
        Assert.Equal(1, table.Count(3, 2, NucleusError.None));
        Assert.Equal(4, (table + table).Count(NucleusError.Merged));
        Assert.Contains("all                               6  16.7 %   16.7 %   33.3 %   16.7 %   16.7 %   16.7 %", table.ToTable(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ErrorTable.Of(truth, found, new RgbImage(8, 8), _mpp));
    }

    [Fact]
    public void ANucleusBesideACloserPairHasItsNeighbourInThePair()
    {
        // 2.5 um apart, and the third one 10 um from the second.
        var labels = new LabelImage(Width, Height);
        Fill(labels, 1, 5, 5, 4, 4);
        Fill(labels, 2, 10, 5, 4, 4);
        Fill(labels, 3, 30, 5, 4, 4);
        var table = ErrorTable.Of(labels, labels, new RgbImage(Width, Height), _mpp);
        Assert.Equal([2, 0, 1, 0], Enumerable.Range(0, 4).Select(group => table.Count(3, group, NucleusError.None)));
    }

    private static void Fill(LabelImage image, int label, int left, int top, int width, int height)
    {
        for (var y = top; y < top + height; y++)
        {
            image.Labels.AsSpan((y * Width) + left, width).Fill(label);
        }
    }
}
