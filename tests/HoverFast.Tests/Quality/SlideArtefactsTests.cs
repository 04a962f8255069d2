using HoverFast.Quality;
using HoverFast.Stains;
using Xunit;

namespace HoverFast.Tests.Quality;

/// <summary>Three by three fields of even tissue, some blocks of which are changed.</summary>
public sealed class SlideArtefactsTests
{
    private const int Samples = 1000;
    private const int Side = FieldSums.BlocksASide;
    private readonly FieldMap _map = Tissue();

    [Fact]
    public void EvenTissueHasNone() => Assert.All(_map.Fields, f => Assert.Empty(Of(f)));

    [Fact]
    public void AFoldIsABandOfBothStainsInTheFieldsThatItRunsThrough()
    {
        for (var row = 2; row < 14; row++)
        {
            Fill(row, 5, haematoxylin: 0.5, eosin: 0.44);
        }

        Assert.Equal([(0, 0), (1, 0)], With("fold"));
    }

    [Theory]
    [InlineData(0.6, 0.2)]
    [InlineData(0.2, 0.7)]
    public void OneStainAloneIsNoFold(double haematoxylin, double eosin)
    {
        for (var row = 2; row < 14; row++)
        {
            Fill(row, 5, haematoxylin, eosin);
        }

        Assert.Empty(With("fold"));
    }

    [Fact]
    public void ABlockByItselfIsNoFold()
    {
        Fill(3, 3, 0.6, 0.6);
        Fill(4, 4, 0.6, 0.6);
        Assert.Empty(With("fold"));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(0, false)]
    public void ABubbleIsASoftRegionWithAGreyRim(int grey, bool found)
    {
        for (var i = 0; i < 9; i++)
        {
            Fill(6 + (i / 3), 10 + (i % 3), 0.25, 0.22, near: 20, far: 300, grey: i is 0 or 1 or 3 ? grey : 0);
        }

        Assert.Equal(found ? [(0, 1), (1, 1)] : [], With("bubble"));
    }

    [Fact]
    public void ASlideThatIsSoftThroughoutHasNoBubble()
    {
        for (var i = 0; i < 9 * Side * Side; i++)
        {
            Fill(i / (3 * Side), i % (3 * Side), 0.25, 0.22, near: 20, far: 300, grey: i % 7 == 0 ? 100 : 0);
        }

        Assert.Empty(With("bubble"));
        Assert.Empty(With("fold"));
    }

    [Theory]
    [InlineData(90, true)]
    [InlineData(70, false)]
    public void DustIsASpeckOfNoColourThatIsLargerThanANucleus(int samples, bool found)
    {
        _map.Fields.First().BlockAt(9)[(int)BlockNumber.Dust] = samples;
        Assert.Equal(found ? [(0, 0)] : [], With("dust"));
    }

    /// <summary>The corner of four fields, which hold 30, 30, 25 and 5 of the speck's 90 samples.</summary>
    [Fact]
    public void ASpeckOnTheCornerOfFieldsIsOfThoseThatHoldAGoodPartOfIt()
    {
        foreach (var (row, column, samples) in ((int, int, int)[])[(Side - 1, Side - 1, 30), (Side - 1, Side, 30), (Side, Side - 1, 25), (Side, Side, 5)])
        {
            var field = _map.Fields.Single(f => f.Row == row / Side && f.Column == column / Side);
            field.BlockAt((row % Side * Side) + (column % Side))[(int)BlockNumber.Dust] = samples;
        }

        Assert.Equal([(0, 0), (0, 1), (1, 0)], With("dust"));
    }

    [Fact]
    public void SpecksThatLieApartAreNotAddedUp()
    {
        for (var i = 0; i < Side; i += 2)
        {
            _map.Fields.First().BlockAt(i)[(int)BlockNumber.Dust] = 70;
        }

        Assert.Empty(With("dust"));
    }

    [Fact]
    public void BlackInkIsCalledDarkAndNotDust()
    {
        var field = _map.Fields.First();
        field.BlockAt(9)[(int)BlockNumber.Dust] = Samples;
        field[FieldNumber.Black] = field[FieldNumber.Stained] / 5;
        Assert.Contains("dark", Of(field));
        Assert.Empty(With("dust"));
    }

    [Fact]
    public void AFewBlocksTellNothing()
    {
        var map = new FieldMap();
        map.Add([new FieldSums(0, 0)]);
        Fill(map, 0, 0, 0.25, 0.22, 100, 500, 0);
        Fill(map, 0, 1, 0.8, 0.8, 20, 300, 500);
        Fill(map, 1, 1, 0.8, 0.8, 20, 300, 500);
        Assert.Empty(new SlideArtefacts(map, QualityJudge.BuiltIn).Of(map.Fields.Single()).Intersect(["fold", "bubble"]));
    }

    private static FieldMap Tissue()
    {
        var map = new FieldMap();
        map.Add(Enumerable.Range(0, 9).Select(i => new FieldSums(i % 3, i / 3)));
        for (var i = 0; i < 9 * Side * Side; i++)
        {
            Fill(map, i / (3 * Side), i % (3 * Side), 0.25, 0.22, 100, 500, i % 50 == 0 ? 5 : 0);
        }

        return map;
    }

    private void Fill(int row, int column, double haematoxylin, double eosin, int near = 100, int far = 500, int grey = 0) =>
        Fill(_map, row, column, haematoxylin, eosin, near, far, grey);

    /// <summary>Fills a block, and keeps the sums of its field to match.</summary>
    private static void Fill(FieldMap map, int row, int column, double haematoxylin, double eosin, int near, int far, int grey)
    {
        var field = map.Fields.Single(f => f.Row == row / Side && f.Column == column / Side);
        var block = field.BlockAt((row % Side * Side) + (column % Side));
        FieldNumber[] numbers =
            [FieldNumber.Stained, FieldNumber.Red, FieldNumber.Green, FieldNumber.Blue, FieldNumber.NearStep, FieldNumber.FarStep];
        int[] values =
        [
            Samples,
            .. Enumerable.Range(0, 3).Select(c =>
                (int)(Samples * FieldSums.One * ((haematoxylin * StainVectors.Haematoxylin[c]) + (eosin * StainVectors.Eosin[c])))),
            Samples * near, Samples * far, grey, 0, Samples,
        ];
        for (var i = 0; i < numbers.Length; i++)
        {
            field[numbers[i]] += values[i] - block[i];
        }

        field[FieldNumber.Pixels] = field[FieldNumber.Stained];
        values.CopyTo(block);
    }

    private IReadOnlyList<string> Of(FieldSums field) => new SlideArtefacts(_map, QualityJudge.BuiltIn).Of(field);

    private IEnumerable<(int Row, int Column)> With(string artefact) => _map.Fields.Where(f => Of(f).Contains(artefact)).Select(f => (f.Row, f.Column));
}
