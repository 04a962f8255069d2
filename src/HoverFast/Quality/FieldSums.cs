namespace HoverFast.Quality;

/// <summary>
/// What was seen in one field (a square of <see cref="Side"/> microns on the working grid) as sums of whole numbers, so that the parts of a field that lie in
/// several tiles add up to the same whatever their order.
/// </summary>
internal sealed class FieldSums
{
    /// <summary>Microns on a side of a field.</summary>
    public const double Side = 256;

    /// <summary>What a density, a probability or a number of evidence of 1 counts as.</summary>
    public const int One = 10_000;

    /// <summary>Numbers in a field: those of <see cref="FieldNumber"/>, then the nuclei's evidence.</summary>
    public const int Length = (int)FieldNumber.Evidence + NucleusEvidence.Count;

    /// <summary>Blocks on a side of a field: 32 um each, wider than a nucleus and narrower than a fold.</summary>
    public const int BlocksASide = 1 << BlockBits;

    /// <summary>The same as a power of two.</summary>
    public const int BlockBits = 3;

    /// <summary>Blocks in a field.</summary>
    public const int BlocksInField = BlocksASide * BlocksASide;

    /// <summary>Makes the sums of a field.</summary>
    /// <param name="column">Which column of fields.</param>
    /// <param name="row">Which row.</param>
    /// <param name="values">The sums, or null for none yet.</param>
    public FieldSums(int column, int row, long[]? values = null) => (Column, Row, Values) = (column, row, values ?? new long[Length]);

    /// <summary>The column of the field.</summary>
    public int Column { get; }

    /// <summary>The row of the field.</summary>
    public int Row { get; }

    /// <summary>The sums.</summary>
    public long[] Values { get; }

    /// <summary>The sums of its blocks, row by row, <see cref="BlockNumber.Count"/> numbers each.</summary>
    public int[] Blocks { get; } = new int[BlocksInField * (int)BlockNumber.Count];

    /// <summary>The sums of a block.</summary>
    /// <param name="block">Its place, row by row.</param>
    public Span<int> BlockAt(int block) => Blocks.AsSpan(block * (int)BlockNumber.Count, (int)BlockNumber.Count);

    /// <summary>A sum.</summary>
    public ref long this[FieldNumber number] => ref Values[(int)number];

    /// <summary>Adds those of another part of the field, or of another field; blocks are added to those of the same place.</summary>
    public void Add(FieldSums other)
    {
        for (var i = 0; i < Values.Length; i++)
        {
            Values[i] += other.Values[i];
        }

        for (var i = 0; i < Blocks.Length; i++)
        {
            Blocks[i] += other.Blocks[i];
        }
    }
}
