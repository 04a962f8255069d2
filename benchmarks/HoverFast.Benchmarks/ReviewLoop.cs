using System.Globalization;
using HoverFast.Evaluation;
using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Review;
using HoverFast.Review.Edits;
using HoverFast.Review.Estimates;
using HoverFast.Review.Fields;
using HoverFast.Slides;
using HoverFast.Tissue;

namespace HoverFast.Benchmarks;

/// <summary>
/// The loop of docs/review.md, with labels as the reviewer: <c>review SET MPP WORK [PREFIX]</c> puts labelled pictures together, segments them, draws
/// fields again and again to see how often the intervals hold the truth, and reviews twelve. <c>review check SET MPP WORK PREFIX MODEL</c> scores a candidate
/// on what was not reviewed.
/// </summary>
internal static class ReviewLoop
{
    private const int Fields = 12;
    private const double Side = 100;
    private const int Draws = 200;

    public static async Task<int> RunAsync(string[] args)
    {
        var check = args is ["check", ..];
        var rest = check ? args[1..] : args;
        if (rest.Length < (check ? 5 : 3))
        {
            Console.Error.WriteLine("review SET MPP WORK [PREFIX], or: review check SET MPP WORK PREFIX MODEL");
            return 2;
        }

        var mpp = new Mpp(double.Parse(rest[1], CultureInfo.InvariantCulture));
        var work = Path.GetFullPath(rest[2]);
        var mosaic = ReviewMosaic.Of(rest[0], rest.Length > 3 ? rest[3] : "");
        if (check)
        {
            await CheckAsync(mosaic, mpp, work, rest[4]);
            return 0;
        }

        var picture = Path.Combine(work, "slides", "mosaic.png");
        Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
        RgbImageFile.WritePng(picture, mosaic.Picture);
        var results = Path.Combine(work, "results");
        using (var segmenter = Segmenter(null, mpp))
        {
            var outcome = await segmenter.SegmentAsync(picture, results, new ResultOptions { Kinds = [ResultKind.GeoJson] });
            Console.WriteLine($"{mosaic.Picture.Size} pixels, {outcome.Manifest?.Counts.Nuclei} nuclei found by {outcome.Manifest?.Model.Name}");
        }

        var truth = mosaic.Outlines();
        var (precision, recall, f1) = Coverage(picture, Path.Combine(results, "mosaic.geojson.gz"), truth, mpp);
        var review = ReviewFolder.Open(results);
        var session = review.Start(new SessionPlan { Who = "labels", Fields = Fields, Side = Side, Seed = 1 }, SlidePlaces.In([picture]));
        var reviewer = new LabelReviewer(truth);
        List<double> times = [.. session.Fields.SelectMany(f => reviewer.Review(review, f))];
        times.Sort();
        Console.WriteLine(
            Invariant($"{times.Count} edits in {session.Fields.Count} fields; an edit stored in {times[times.Count / 2]:0.0} ms (median), ") +
            Invariant($"{times[times.Count * 95 / 100]:0.0} ms (95 %), {times[^1]:0.0} ms (longest)"));
        var estimate = review.Estimate();
        Console.Write(estimate.ToTable());
        Console.WriteLine(Invariant($"truth: precision {precision:0.000}, recall {recall:0.000}, F1 {f1:0.000}"));
        return review.Verify().All(c => c.Problem is null) ? 0 : 1;
    }

    // Each draw has a grid of its own, as sessions have.
    private static (double Precision, double Recall, double F1) Coverage(string picture, string result, IReadOnlyList<Outline> truth, Mpp mpp)
    {
        using var slide = Slide.Open(picture);
        var tissue = TissueDetector.Detect(slide, mpp, ThreadCount.Available, CancellationToken.None);
        List<Outline> found = [.. ResultNucleus.ReadAll(result).Select(n => n.Shape.Outline)];
        var whole = Score(new ReviewField("whole", "mosaic", 0, 0, slide.Bounds.Width, slide.Bounds.Height, 1), found, truth);
        double[] true3 = [(double)whole.FoundRight / whole.Found, (double)whole.TrueFound / whole.True,
            (double)(whole.FoundRight + whole.TrueFound) / (whole.Found + whole.True)];
        var held = new int[3];
        var widths = new double[3];
        for (var seed = 1; seed <= Draws; seed++)
        {
            var random = new Random(seed);
            var cells = CellGrid.Of("mosaic", tissue, slide.Bounds, mpp, Side, random).ToList();
            var session = new ReviewSession
            {
                Id = "draw",
                Choice = FieldChoice.Random,
                Seed = seed,
                Side = Side,
                When = default,
                Who = "labels",
                Population = cells.Count,
                Tissue = 0,
                Fields = [.. FieldDraw.Draw(cells, Fields, random)
                    .Select((d, i) => new ReviewField($"{i}", "mosaic", d.Cell.X, d.Cell.Y, d.Cell.Width, d.Cell.Height, d.Inclusion))],
            };
            var estimate = ReviewEstimate.Of(session, [.. session.Fields.Select(f => (f, Score(f, found, truth)))]);
            foreach (var (i, interval) in new[] { estimate.Precision, estimate.Recall, estimate.F1 }.Index())
            {
                held[i] += interval.Holds(true3[i]) ? 1 : 0;
                widths[i] += (interval.High - interval.Low) / Draws;
            }
        }

        foreach (var (i, name) in new[] { "precision", "recall", "F1" }.Index())
        {
            Console.WriteLine(
                Invariant($"{name}: {true3[i]:0.000}; the interval of {Fields} fields of {Side} um holds it in {held[i]} of {Draws} draws, ") +
                Invariant($"{widths[i]:0.000} wide"));
        }

        return (true3[0], true3[1], true3[2]);
    }

    // Only what lies about the field can matter.
    private static FieldScore Score(ReviewField field, IReadOnlyList<Outline> found, IReadOnlyList<Outline> truth)
    {
        const double Margin = 200;
        var near = new NetTopologySuite.Geometries.Envelope(
            field.X - Margin, field.X + field.Width + Margin, field.Y - Margin, field.Y + field.Height + Margin);
        return FieldScore.Of(field, [.. found.Where(o => near.Intersects(o.Box))], [.. truth.Where(o => near.Intersects(o.Box))]);
    }

    private static async Task CheckAsync(ReviewMosaic mosaic, Mpp mpp, string work, string candidate)
    {
        var reviewed = ReviewFolder.Open(Path.Combine(work, "results")).Sessions.SelectMany(s => s.Fields).ToList();
        var side = (int)Math.Round(Side / mpp.MicronsPerPixel);
        var (left, top) = (OffsetOf(reviewed.Select(f => f.X)), OffsetOf(reviewed.Select(f => f.Y)));
        var picture = Path.Combine(work, "slides", "mosaic.png");
        var reports = new List<EvaluationReport>();
        foreach (var model in new[] { null, candidate })
        {
            using var segmenter = Segmenter(model, mpp);
            var found = await segmenter.LabelAsync(picture);
            reports.Add(new EvaluationReport(Cells().Select(c => ($"{c.X} {c.Y}", SegmentationMetrics.Compare(Cut(mosaic.Labels, c), Cut(found, c), mpp)))));
        }

        var pair = PairedReport.Of("not reviewed", reports[0], reports[1]);
        Console.WriteLine(
            Invariant($"{pair.Images.Count} cells of {Side} um that were not reviewed: PQ {pair.First.PanopticQuality.Mean:0.000} before, ") +
            Invariant($"{pair.Second.PanopticQuality.Mean:0.000} after, gain {pair.Gain.Mean:+0.000;-0.000} ") +
            Invariant($"({pair.Gain.Low:+0.000;-0.000} to {pair.Gain.High:+0.000;-0.000})"));

        int OffsetOf(IEnumerable<int> places) => places.FirstOrDefault(p => p > 0) is var place && place % side == 0 ? 0 : side - (place % side);

        // The cells of the grid that the fields were drawn from.
        IEnumerable<PixelRect> Cells() =>
            from y in Enumerable.Range(0, (mosaic.Labels.Height / side) + 2)
            from x in Enumerable.Range(0, (mosaic.Labels.Width / side) + 2)
            let cell = new PixelRect((x * side) - left, (y * side) - top, side, side).Intersect(new PixelRect(0, 0, mosaic.Labels.Width, mosaic.Labels.Height))
            where cell is { Width: > 0, Height: > 0 }
                && reviewed.TrueForAll(f => cell.Intersect(new PixelRect(f.X, f.Y, f.Width, f.Height)) is { Width: 0 } or { Height: 0 })
            select cell;
    }

    private static LabelImage Cut(LabelImage image, PixelRect part)
    {
        var cut = new LabelImage(part.Width, part.Height);
        for (var y = 0; y < part.Height; y++)
        {
            image.Labels.AsSpan(((part.Y + y) * image.Width) + part.X, part.Width).CopyTo(cut.Labels.AsSpan(y * part.Width));
        }

        return cut;
    }

    private static SlideSegmenter Segmenter(string? model, Mpp mpp) =>
        new(ModelCatalog.Load(model), new SegmentSettings { Measurements = MeasurementChoice.Basic }, new SlideCalibrator { Stated = mpp });

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
