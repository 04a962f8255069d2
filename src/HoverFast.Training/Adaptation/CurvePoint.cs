using System.Globalization;

namespace HoverFast.Training.Adaptation;

/// <summary>One measurement of <c>adapt curve</c>: mean PQ of one adapted model on one set.</summary>
/// <param name="Tissue">The tissue adapted to.</param>
/// <param name="Way">"start", "naive", "adapt" or "unlabelled".</param>
/// <param name="Tiles">Labelled tiles.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Share">Share of the way from the start that was taken.</param>
/// <param name="Set">The set judged on; the tissue's own tiles that nothing was learned from, or another.</param>
/// <param name="Pq">Mean panoptic quality.</param>
/// <param name="Dice">Mean Dice.</param>
internal sealed record CurvePoint(string Tissue, string Way, int Tiles, int Seed, double Share, string Set, double Pq, double Dice)
{
    /// <summary>The columns of the table.</summary>
    public const string Header = "tissue,way,tiles,seed,share,set,pq,dice";

    /// <summary>Whether the set is of the tissue adapted to.</summary>
    public bool IsOwn => Set == Tissue;

    /// <summary>A line of the table.</summary>
    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Tissue},{Way},{Tiles},{Seed},{Share},{Set},{Pq:0.00000},{Dice:0.00000}");

    /// <summary>Reads such a line.</summary>
    public static CurvePoint Parse(string line)
    {
        var cells = line.Split(',');
        return new CurvePoint(
            cells[0],
            cells[1],
            int.Parse(cells[2], CultureInfo.InvariantCulture),
            int.Parse(cells[3], CultureInfo.InvariantCulture),
            Number(4),
            cells[5],
            Number(6),
            Number(7));

        double Number(int i) => double.Parse(cells[i], CultureInfo.InvariantCulture);
    }
}
