using System.Text.Json;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Quality;

namespace HoverFast.Review.Fields;

/// <summary>What is expected of a slide's result, place by place, as its file of quality says (<c>segment --write quality</c>).</summary>
internal sealed class SlideExpectations
{
    private readonly IReadOnlyList<FieldQuality> _fields;

    private SlideExpectations(IReadOnlyList<FieldQuality> fields) => _fields = fields;

    /// <summary>Reads a slide's file; one that is missing or can't be read says nothing, which stops no review.</summary>
    public static SlideExpectations Of(SlideResult slide)
    {
        var path = slide.Manifest.Outputs.FirstOrDefault(o => o.Kind == ResultKind.Quality)?.PathIn(slide.Folder);
        try
        {
            return new(
                path is null
                    ? []
                    : JsonSerializer.Deserialize(
                        RegularFile.ReadAllBytes(path),
                        QualityJson.Relaxed.QualityReport)?.Fields ?? []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return new([]);
        }
    }

    /// <summary>What is expected of a field: the mean over the slide's fields of 256 um that it shares, by the area shared. Null where nothing is known.</summary>
    public ExpectedAccuracy? Of(ReviewField field)
    {
        var shared = _fields.Where(f => f.Quality.ExpectedPq is not null)
            .Select(f => (f.Quality, Area: Overlap(field.X, field.Width, f.X, f.Side) * Overlap(field.Y, field.Height, f.Y, f.Side)))
            .Where(f => f.Area > 0)
            .ToList();
        var area = shared.Sum(f => f.Area);
        return area <= 0 ? null : new ExpectedAccuracy(Mean(q => q.ExpectedPq), Mean(q => q.ExpectedPqLow), Mean(q => q.ExpectedPqHigh));

        double Mean(Func<SlideQuality, double?> figure) => Math.Round(shared.Sum(f => f.Area * (figure(f.Quality) ?? 0)) / area, 3);
    }

    private static double Overlap(double start, double length, double otherStart, double otherLength) =>
        Math.Max(0, Math.Min(start + length, otherStart + otherLength) - Math.Max(start, otherStart));
}
