using HoverFast.Stains;

namespace HoverFast.Quality;

/// <summary>The blocks of all fields of a slide that hold enough tissue to be judged, and what is usual among them.</summary>
internal sealed class BlockGrid
{
    /// <summary>Blocks below which a slide tells nothing of what is usual.</summary>
    public const int Few = 6;

    private const double LeastShare = 0.4;
    private static readonly StainMatrix _stains = StainMatrix.WithRest(StainVectors.Haematoxylin, StainVectors.Eosin);

    private readonly Dictionary<(int Row, int Column), Block> _blocks = [];

    /// <summary>Takes the blocks of a slide.</summary>
    public BlockGrid(FieldMap map)
    {
        // A whole block has as many samples as the fullest of the slide.
        var full = map.Fields
            .SelectMany(f => Enumerable.Range(0, FieldSums.BlocksInField).Select(i => f.BlockAt(i)[(int)BlockNumber.Stained]))
            .DefaultIfEmpty()
            .Max();
        foreach (var field in map.Fields)
        {
            for (var i = 0; i < FieldSums.BlocksInField; i++)
            {
                var sums = field.BlockAt(i);
                if (sums[(int)BlockNumber.Stained] > LeastShare * full)
                {
                    _blocks.Add(PlaceOf(field, i), Block.Of(sums));
                }
            }
        }
    }

    /// <summary>The blocks by row and column of the slide.</summary>
    public IReadOnlyDictionary<(int Row, int Column), Block> Blocks => _blocks;

    /// <summary>The row and column of a field's block on the slide.</summary>
    /// <param name="field">The field.</param>
    /// <param name="block">The block's place in it, row by row.</param>
    public static (int Row, int Column) PlaceOf(FieldSums field, int block) =>
    (
        (field.Row * FieldSums.BlocksASide) + (block / FieldSums.BlocksASide),
        (field.Column * FieldSums.BlocksASide) + (block % FieldSums.BlocksASide));

    /// <summary>The field that a block lies in.</summary>
    public static (int Row, int Column) FieldOf((int Row, int Column) block) =>
        (block.Row >> FieldSums.BlockBits, block.Column >> FieldSums.BlockBits);

    /// <summary>The blocks beside a block, without corners.</summary>
    public static IEnumerable<(int Row, int Column)> Beside((int Row, int Column) block) =>
    [
        (block.Row - 1, block.Column), (block.Row, block.Column - 1), (block.Row, block.Column + 1), (block.Row + 1, block.Column),
    ];

    /// <summary>A block, or a field, and the eight around it.</summary>
    public static IEnumerable<(int Row, int Column)> Around((int Row, int Column) place) =>
        Enumerable.Range(0, 9).Select(i => (place.Row - 1 + (i / 3), place.Column - 1 + (i % 3)));

    /// <summary>The value that a share of blocks lies below.</summary>
    /// <param name="values">At least one value.</param>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)(share * (sorted.Length - 1))];
    }

    /// <summary>What was seen in a block.</summary>
    /// <param name="Haematoxylin">Mean density of haematoxylin.</param>
    /// <param name="Eosin">Mean density of eosin.</param>
    /// <param name="Sharpness">Fine over coarse steps, as a natural logarithm; -2.77 for a slope without any edge.</param>
    /// <param name="Grey">Share of the stained pixels that are dark and grey.</param>
    internal readonly record struct Block(double Haematoxylin, double Eosin, double Sharpness, double Grey)
    {
        public static Block Of(ReadOnlySpan<int> sums)
        {
            double stained = sums[(int)BlockNumber.Stained];
            double haematoxylin = 0, eosin = 0;
            for (var c = 0; c < 3; c++)
            {
                var density = sums[(int)BlockNumber.Red + c] / stained / FieldSums.One;
                haematoxylin += density * _stains.Weights(0)[c];
                eosin += density * _stains.Weights(1)[c];
            }

            return new Block(
                haematoxylin,
                eosin,
                FieldQuality.SharpnessOf(sums[(int)BlockNumber.NearStep] / stained, sums[(int)BlockNumber.FarStep] / stained),
                sums[(int)BlockNumber.Grey] / stained);
        }
    }
}
