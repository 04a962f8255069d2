using HoverFast.Review;
using HoverFast.Review.Edits;
using HoverFast.Review.Fields;

namespace HoverFast.Benchmarks;

/// <summary>
/// Plays the reviewer with labels: what covers no labelled nucleus is deleted, what covers one is redrawn as labelled, what was missed is added.
/// </summary>
internal sealed class LabelReviewer(IReadOnlyList<Outline> truth)
{
    private const double SameNucleus = 0.5;
    private const string Name = "labels";

    /// <summary>Reviews a field and calls it right.</summary>
    /// <returns>How many edits, and the milliseconds of each.</returns>
    public IReadOnlyList<double> Review(ReviewFolder review, ReviewField field)
    {
        var view = review.Look(field.Id);
        var times = new List<double>();
        var matched = new HashSet<Outline>();
        var box = new NetTopologySuite.Geometries.Envelope(field.X, field.X + field.Width, field.Y, field.Y + field.Height);
        foreach (var nucleus in view.Nuclei)
        {
            var outline = Outline.TryOf(nucleus.Outline)!;
            var best = truth.MaxBy(t => t.IouWith(outline));
            if (best is not null && best.IouWith(outline) > SameNucleus)
            {
                matched.Add(best);
                if (!box.Intersects(outline.Box) && !box.Intersects(best.Box))
                {
                    continue;
                }

                Do(new NucleusEdit { What = EditKind.Redraw, Field = field.Id, Who = Name, Seen = view.Entry, Nuclei = [nucleus.Id], Points = best.Flat });
            }
            else if (nucleus.IsInField)
            {
                Do(new NucleusEdit { What = EditKind.Delete, Field = field.Id, Who = Name, Seen = view.Entry, Nuclei = [nucleus.Id],
                    Why = "no nucleus is labelled here" });
            }
        }

        foreach (var missed in truth.Where(t => !matched.Contains(t) && field.Contains(t.Centroid.X, t.Centroid.Y)))
        {
            Do(new NucleusEdit { What = EditKind.Add, Field = field.Id, Who = Name, Seen = view.Entry, Points = missed.Flat });
        }

        Do(new NucleusEdit { What = EditKind.Accept, Field = field.Id, Who = Name, Seen = view.Entry });
        return times;

        void Do(NucleusEdit edit)
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            try
            {
                review.Edit(edit);
            }
            catch (ReviewException e)
            {
                // Labels of a pixel or two are no nuclei.
                Console.Error.WriteLine($"{field.Id}: {edit.What}: {e.Message}");
                return;
            }

            times.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }
}
