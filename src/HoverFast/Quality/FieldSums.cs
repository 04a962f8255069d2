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

    /// <summary>A sum.</summary>
    public ref long this[FieldNumber number] => ref Values[(int)number];

    /// <summary>Adds those of another part of the field, or of another field.</summary>
    public void Add(FieldSums other)
    {
        for (var i = 0; i < Values.Length; i++)
        {
            Values[i] += other.Values[i];
        }
    }
}
