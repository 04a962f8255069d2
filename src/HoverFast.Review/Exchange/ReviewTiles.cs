using System.Numerics;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Review.Edits;
using HoverFast.Review.Fields;
using HoverFast.Review.Logs;
using HoverFast.Slides;

namespace HoverFast.Review.Exchange;

/// <summary>
/// Makes training tiles of fields: <c>images/FIELD.png</c> and <c>labels/FIELD.png</c> (16 bits), as the trainer reads them, all of one pixel size, that of the
/// finest slide. <c>tiles.json</c> tells the pixel size and where each came from.
/// </summary>
internal static class ReviewTiles
{
    /// <summary>Writes the tiles.</summary>
    public static ExportedTiles Write(
        string folder, SlidePlaces slides, IReadOnlyList<(ReviewField Field, SlideResult Result)> fields, Func<ReviewField, SlideReview> reviewOf)
    {
        if (fields.Count == 0)
        {
            throw new ReviewException("No field is done, or none that was not learned already. Review some, and call them right.");
        }

        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new ReviewException($"{folder}: is there already. Name a new folder for the tiles.");
        }

        var mpp = fields.Min(f => f.Result.Mpp.MicronsPerPixel);
        var partial = PartialFile.UnfinishedOf(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }

        var nuclei = 0;
        try
        {
            Directory.CreateDirectory(Path.Combine(partial, "images"));
            Directory.CreateDirectory(Path.Combine(partial, "labels"));
            foreach (var group in fields.GroupBy(f => f.Result))
            {
                using var slide = group.Key.OpenSlide(slides);
                var sampler = new SlideSampler(slide, group.Key.Mpp, new Mpp(mpp));
                foreach (var (field, _) in group)
                {
                    nuclei += Write(partial, field, sampler, group.Key.Bounds, reviewOf(field));
                }
            }

            var description = new
            {
                format = "hoverfast-tiles/1",
                mpp,
                tiles = fields.Select(f => new { name = f.Field.Id, slide = f.Result.Manifest.Slide.File, f.Field.X, f.Field.Y, f.Field.Width, f.Field.Height,
                    model = f.Result.Manifest.Model.Name }),
            };
            PartialFile.WriteText(Path.Combine(partial, "tiles.json"), JsonSerializer.Serialize(description, ReviewEntry.IndentedJson) + "\n");
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }

            Directory.Move(partial, folder);
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }

        return new ExportedTiles(folder, mpp, [.. fields.Select(f => f.Field.Id)], nuclei);
    }

    private static int Write(string folder, ReviewField field, SlideSampler sampler, PixelRect bounds, SlideReview review)
    {
        var scale = sampler.Grid.Scale;
        var place = new WorkingRect(
            (int)Math.Round((field.X + bounds.X) / scale),
            (int)Math.Round((field.Y + bounds.Y) / scale),
            (int)Math.Floor(field.Width / scale),
            (int)Math.Floor(field.Height / scale));
        RgbImageFile.WritePng(Path.Combine(folder, "images", field.Id + ".png"), sampler.Read(place));
        var labels = new LabelImage(place.Width, place.Height);
        var outlines = review.Look(state => state.Nuclei.OrderBy(n => n.Key).Select(n => n.Value.Shape?.Outline).OfType<Outline>()
            .Select(o => InTile(o.Points)).ToList());
        for (var i = 0; i < outlines.Count; i++)
        {
            LabelPainter.Fill(labels, outlines[i], i + 1);
        }

        // Numbers without gaps, and few enough for 16 bits: most outlines lie in other fields.
        var numbers = new Dictionary<int, int> { [0] = 0 };
        foreach (ref var label in labels.Labels.AsSpan())
        {
            if (!numbers.TryGetValue(label, out var number))
            {
                numbers[label] = number = numbers.Count;
            }

            label = number;
        }

        LabelImageFile.WritePng(Path.Combine(folder, "labels", field.Id + ".png"), labels);
        return numbers.Count - 1;

        Vector2[] InTile(ReadOnlySpan<OutlinePoint> points)
        {
            var moved = new Vector2[points.Length];
            for (var i = 0; i < moved.Length; i++)
            {
                moved[i] = new Vector2((float)((((points[i].X / 100.0) + bounds.X) / scale) - place.X),
                    (float)((((points[i].Y / 100.0) + bounds.Y) / scale) - place.Y));
            }

            return moved;
        }
    }
}
