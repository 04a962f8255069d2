using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;

namespace HoverFast.Review.Fields;

/// <summary>
/// The cells in which the model was least sure: the sum of (1 - probability) over a cell's nuclei is the number of false ones that it expects itself.
/// </summary>
internal static class UnsureCells
{
    /// <summary>Chooses cells, the least sure first; equal ones in their own order.</summary>
    /// <exception cref="ReviewException">The results don't hold probabilities.</exception>
    public static IReadOnlyList<Cell> Choose(IReadOnlyList<Cell> cells, IEnumerable<SlideResult> results, int count)
    {
        var doubt = new Dictionary<Cell, double>();
        foreach (var result in results)
        {
            var tree = new STRtree<Cell>();
            foreach (var cell in cells.Where(c => c.Slide == result.Name))
            {
                tree.Insert(new Envelope(cell.X, cell.X + cell.Width, cell.Y, cell.Y + cell.Height), cell);
            }

            foreach (var nucleus in ResultNucleus.ReadAll(result.NucleiPath))
            {
                var probability = nucleus.Probability
                    ?? throw new ReviewException(
                        $"{result.NucleiPath}: nuclei have no probability, so the least sure can't be told. " +
                        "Segment with measurements, or draw fields at random.");
                var centre = nucleus.Shape.Outline.Centroid;
                if (tree.Query(new Envelope(centre)).FirstOrDefault(
                    c => centre.X < c.X + c.Width && centre.Y < c.Y + c.Height && centre.X >= c.X && centre.Y >= c.Y) is { } cell)
                {
                    doubt[cell] = doubt.GetValueOrDefault(cell) + 1 - probability;
                }
            }
        }

        return [.. cells.OrderByDescending(c => doubt.GetValueOrDefault(c)).Take(count)];
    }
}
