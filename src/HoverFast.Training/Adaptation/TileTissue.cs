using System.Collections.Concurrent;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tissue;
using HoverFast.Training.Data;

namespace HoverFast.Training.Adaptation;

/// <summary>What a student sees of the tissue in pictures, each looked at once. Thread safe.</summary>
/// <param name="student">The student; it stays the caller's.</param>
internal sealed class TileTissue(NucleusModel student)
{
    private readonly ConcurrentDictionary<LabelledImage, IReadOnlyList<FieldSums>> _seen = new(ReferenceEqualityComparer.Instance);

    /// <summary>What it sees of a tile.</summary>
    public IReadOnlyList<FieldSums> Of(LabelledImage tile) => _seen.GetOrAdd(tile, t => Look(t.Image, t.Mpp, student));

    /// <summary>What a student sees of a picture, at the places at which the product would look.</summary>
    public static IReadOnlyList<FieldSums> Look(RgbImage picture, Mpp mpp, NucleusModel student)
    {
        using var slide = new ImageSlide("tile", "picture", picture);
        return TissueSample.Of(
            slide,
            new SlideSampler(slide, mpp, new Mpp(student.Card.Mpp)),
            TissueDetector.Detect(slide, mpp, threads: 1, CancellationToken.None),
            new SegmentSettings { Threads = 1 },
            student,
            CancellationToken.None);
    }
}
