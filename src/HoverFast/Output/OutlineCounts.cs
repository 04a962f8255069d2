namespace HoverFast.Output;

/// <summary>What became of the outlines of a run.</summary>
/// <param name="Written">Nuclei in the outputs.</param>
/// <param name="Mended">How many of them had an outline that was invalid after rounding and was mended.</param>
/// <param name="Dropped">Nuclei left out because no valid outline remained (thinner than a hundredth of a pixel).</param>
/// <param name="Types">Nuclei in the outputs by the number of their type; null where none was counted.</param>
internal readonly record struct OutlineCounts(long Written, long Mended, long Dropped, IReadOnlyDictionary<int, long>? Types = null)
{
    /// <summary>Nuclei of a type.</summary>
    public long OfType(int type) => Types is not null && Types.TryGetValue(type, out var count) ? count : 0;
}
