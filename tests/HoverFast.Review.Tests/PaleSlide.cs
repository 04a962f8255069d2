using HoverFast.Jobs;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Review.Edits;
using HoverFast.Review.Fields;
using HoverFast.Slides;

namespace HoverFast.Review.Tests;

/// <summary>
/// A picture of pale discs, of which the shipped model finds none, and somebody who knows where they are: what a review can teach in a minute.
/// </summary>
internal sealed class PaleSlide
{
    private const int Side = 640;
    private const int Corners = 16;
    private readonly List<(double X, double Y, double Radius)> _discs = [];

    /// <summary>Draws the picture and segments it.</summary>
    /// <param name="folder">Takes slides/pale.png and results/.</param>
    public static async Task<PaleSlide> MakeAsync(string folder)
    {
        var slide = new PaleSlide { Slides = Path.Combine(folder, "slides"), Results = Path.Combine(folder, "results") };
        var random = new Random(3);
        var picture = new RgbImage(Side, Side);
        for (var i = 0; i < picture.Pixels.Length; i += 3)
        {
            (picture.Pixels[i], picture.Pixels[i + 1], picture.Pixels[i + 2]) = (230, 170, 200);
        }

        for (var n = 0; n < 400; n++)
        {
            var (x, y, radius) = (random.Next(Side), random.Next(Side), (double)random.Next(7, 12));
            if (slide._discs.Exists(d => Math.Sqrt(Math.Pow(d.X - x, 2) + Math.Pow(d.Y - y, 2)) < d.Radius + radius + 3))
            {
                continue;
            }

            slide._discs.Add((x, y, radius));
            for (var v = Math.Max(0, y - 12); v < Math.Min(Side, y + 12); v++)
            {
                for (var u = Math.Max(0, x - 12); u < Math.Min(Side, x + 12); u++)
                {
                    if (Math.Pow(u + 0.5 - x, 2) + Math.Pow(v + 0.5 - y, 2) < radius * radius)
                    {
                        picture.Row(v).Slice(3 * u, 3).Fill(250);
                    }
                }
            }
        }

        Directory.CreateDirectory(slide.Slides);
        var path = Path.Combine(slide.Slides, "pale.png");
        RgbImageFile.WritePng(path, picture);
        using var segmenter = new SlideSegmenter(
            settings: new SegmentSettings { Measurements = MeasurementChoice.Basic }, calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        await segmenter.SegmentAsync(path, slide.Results, new ResultOptions { Kinds = [ResultKind.GeoJson] });
        return slide;
    }

    public required string Slides { get; init; }

    public required string Results { get; init; }

    /// <summary>Draws fields and reviews them all.</summary>
    public IReadOnlyList<string> Review(int fields, int seed, CancellationToken cancellation)
    {
        var review = ReviewFolder.Open(Results);
        var session = review.Start(new SessionPlan { Who = "anna", Fields = fields, Side = 45, Seed = seed }, SlidePlaces.In([Slides]), cancellation);
        foreach (var field in session.Fields)
        {
            foreach (var edit in Edits(review.Look(field.Id)))
            {
                review.Edit(edit);
            }
        }

        return [.. session.Fields.Select(f => f.Id)];
    }

    private IEnumerable<NucleusEdit> Edits(FieldView view)
    {
        var edit = new NucleusEdit { What = EditKind.Accept, Field = view.Field.Id, Who = "anna", Seen = long.MaxValue };
        if (view.Nuclei.Count > 0)
        {
            yield return edit with { What = EditKind.Delete, Nuclei = [.. view.Nuclei.Select(n => n.Id)] };
        }

        var field = view.Field;
        foreach (var (x, y, radius) in _discs.Where(
            d => d.X + d.Radius > field.X && d.X - d.Radius < field.X + field.Width && d.Y + d.Radius > field.Y && d.Y - d.Radius < field.Y + field.Height))
        {
            yield return edit with
            {
                What = EditKind.Add,
                Points = [.. Enumerable.Range(0, Corners)
                    .SelectMany(i => new[] { x + (radius * Math.Cos(2 * Math.PI * i / Corners)), y + (radius * Math.Sin(2 * Math.PI * i / Corners)) })],
            };
        }

        yield return edit;
    }
}
