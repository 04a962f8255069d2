namespace HoverFast.Nuclei;

/// <summary>Neighbouring pixels of one row.</summary>
/// <param name="Y">The row.</param>
/// <param name="From">The first column.</param>
/// <param name="To">The column after the last.</param>
internal readonly record struct PixelRun(int Y, int From, int To);
