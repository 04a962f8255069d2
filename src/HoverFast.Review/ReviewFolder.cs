using System.Collections.Concurrent;
using System.Globalization;
using HoverFast.Files;
using HoverFast.Review.Edits;
using HoverFast.Review.Estimates;
using HoverFast.Review.Exchange;
using HoverFast.Review.Fields;
using HoverFast.Review.Logs;

namespace HoverFast.Review;

/// <summary>
/// The review of a folder of results. It lies in the folder <c>review</c> beside them: a file for each session of fields, and for each slide with fields or
/// edits
/// an append-only log. Thread safe; several processes may work on one folder.
/// </summary>
public sealed class ReviewFolder
{
    private const string FolderName = "review";
    private const string LogEnding = ".review.jsonl";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SlideReview> _reviews = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SlideResult> _results;
    private readonly ConcurrentDictionary<string, SlideExpectations> _expectations = new(StringComparer.Ordinal);

    private ReviewFolder(string results, IEnumerable<SlideResult> slides)
    {
        Results = results;
        _results = slides.ToDictionary(s => s.Name, StringComparer.Ordinal);
    }

    /// <summary>The folder of results.</summary>
    public string Results { get; }

    /// <summary>Names of the results.</summary>
    public IEnumerable<string> Slides => _results.Keys;

    /// <summary>The sessions, the oldest first.</summary>
    /// <exception cref="ReviewException">One can't be read.</exception>
    public IReadOnlyList<ReviewSession> Sessions => SessionFiles.Read(Place);

    private string Place => Path.Combine(Results, FolderName);

    /// <summary>Opens the review of a folder of results, begun or not.</summary>
    /// <param name="results">The folder that <c>segment</c> wrote.</param>
    /// <exception cref="ReviewException">There is no such folder, or no result in it.</exception>
    public static ReviewFolder Open(string results)
    {
        ArgumentException.ThrowIfNullOrEmpty(results);
        var slides = SlideResult.In(results);
        return slides.Count > 0 ? new ReviewFolder(results, slides)
            : throw new ReviewException($"{results}: holds no results of HoverFast (NAME.manifest.json).");
    }

    /// <summary>Draws the fields of a new session.</summary>
    /// <param name="plan">What is wanted.</param>
    /// <param name="slides">Where the slides lie: tissue is found on them.</param>
    /// <param name="cancellation">Ends it; nothing is left.</param>
    /// <exception cref="ReviewException">The plan makes no sense, or a slide is missing.</exception>
    /// <exception cref="Slides.SlideException">A slide can't be read.</exception>
    public ReviewSession Start(SessionPlan plan, SlidePlaces slides, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RequireSensible(plan);
        var chosen = plan.Slides.Count == 0 ? [.. _results.Values] : plan.Slides.Select(ResultOf).ToList();
        var random = new Random(plan.Seed);
        var cells = new List<Cell>();
        foreach (var result in chosen)
        {
            cancellation.ThrowIfCancellationRequested();
            using var slide = result.OpenSlide(slides);

            // Fields that were left out because of artefacts have no nuclei in the result: none is missed there.
            var left = result.LeftOut;
            cells.AddRange(
                CellGrid.Of(result.Name, result.TissueOf(slide, cancellation), result.Bounds, result.Mpp, plan.Side, random)
                    .Where(c => left?.Touches(c.X, c.Y, c.Width, c.Height) != true));
        }

        if (cells.Count == 0)
        {
            throw new ReviewException($"{Results}: no tissue to draw fields from{(chosen.Exists(r => r.LeftOut is { Count: > 0 }) ? ", outside of what was left out because of artefacts" : "")}.");
        }

        var drawn = plan.Choice == FieldChoice.Random
            ? [.. FieldDraw.Draw(cells, plan.Fields, random).Select(d => (d.Cell, (double?)d.Inclusion))]
            : UnsureCells.Choose(cells, chosen, plan.Fields).Select(c => (c, (double?)null)).ToList();
        lock (_gate)
        {
            return Write(plan, cells, drawn);
        }
    }

    /// <summary>The field of that name, as it is now.</summary>
    /// <exception cref="ReviewException">There is none, or its log is broken.</exception>
    public FieldView Look(string field)
    {
        var (session, place) = FieldOf(field);
        var review = Review(session, place.Slide);
        var margin = SessionPlan.Margin / review.Result.Mpp.MicronsPerPixel;
        var reach = new NetTopologySuite.Geometries.Envelope(
            place.X - margin, place.X + place.Width + margin, place.Y - margin, place.Y + place.Height + margin);
        return review.Look(state => new FieldView(
            place,
            state.Field(field),
            [
                .. state.Nuclei.Where(n => n.Value.Shape is { } shape && reach.Intersects(shape.Outline.Box))
                    .Select(n => n.Value.ToNucleus(n.Key, place.Contains(n.Value.Shape!.Outline.Centroid.X, n.Value.Shape.Outline.Centroid.Y)))
                        .OrderBy(n => n.Id),
            ],
            state.Entries,
            [.. state.Nuclei.Values.Select(n => n.Shape?.Class).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]));
    }

    /// <summary>How far a field is.</summary>
    /// <exception cref="ReviewException">There is none, or its log is broken.</exception>
    public FieldState StateOf(ReviewField field)
    {
        ArgumentNullException.ThrowIfNull(field);

        // Fields are drawn on a result: where it was made anew, or its log was moved away, they are of another one.
        return _results.ContainsKey(field.Slide) && Opened(field.Slide) is { IsOfResult: true } review
            ? review.Look(state => state.Sessions.Contains(field.Session) ? state.Field(field.Id) : FieldState.OfOlderResult)
            : FieldState.OfOlderResult;
    }

    /// <summary>What is expected of the result in a field without labels; null where its slide was segmented without a file of quality, or is gone.</summary>
    public ExpectedAccuracy? ExpectedOf(ReviewField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return _results.TryGetValue(field.Slide, out var slide) ? _expectations.GetOrAdd(field.Slide, _ => SlideExpectations.Of(slide)).Of(field) : null;
    }

    /// <summary>Does an edit, an undo or a redo. It is on the disk when this returns.</summary>
    /// <exception cref="ReviewException">It makes no sense.</exception>
    /// <exception cref="ReviewConflictException">Somebody changed the same meanwhile; nothing was done.</exception>
    public EditResult Edit(NucleusEdit edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        Require(edit.Who);
        var (session, field) = FieldOf(edit.Field);
        return Review(session, field.Slide).Edit(edit, field);
    }

    /// <summary>Takes edits that were made in another program (QuPath) into the review: nuclei are known by their identities.</summary>
    /// <inheritdoc cref="EditedFile.Import"/>
    /// <param name="path">The GeoJSON file.</param>
    /// <param name="slide">Name of the result it belongs to; null finds out by the nuclei's identities.</param>
    /// <param name="who">Who edited it.</param>
    /// <param name="why">Why, or null.</param>
    /// <param name="allowDeletions">Whether nuclei that are missing from the file are gone, however many they are.</param>
    public ImportReport Import(string path, string? slide, string who, string? why = null, bool allowDeletions = false)
    {
        Require(who);
        var result = slide is not null ? ResultOf(slide) : _results.Count == 1 ? _results.Values.Single() : EditedFile.ResultOf(path, _results.Values);
        return new EditedFile(path).Import(Review(result.Name), who, why, allowDeletions);
    }

    /// <summary>Writes the corrected nuclei of a slide as GeoJSON that QuPath opens.</summary>
    /// <param name="slide">Name of the result.</param>
    /// <param name="path">Where to; packed where the name ends in <c>.gz</c>.</param>
    /// <param name="who">Who asks.</param>
    /// <returns>Nuclei written.</returns>
    public long ExportGeoJson(string slide, string path, string who)
    {
        Require(who);
        return CorrectedGeoJson.Write(Review(ResultOf(slide).Name), path, who);
    }

    /// <summary>Writes the fields that are done as tiles to learn from: <c>images/</c>, <c>labels/</c> and <c>tiles.json</c>.</summary>
    /// <param name="folder">Where to; must be new or empty.</param>
    /// <param name="slides">Where the slides lie.</param>
    /// <param name="except">Names of fields to leave out, or null.</param>
    /// <exception cref="ReviewException">No field is done, or the folder isn't empty.</exception>
    public ExportedTiles ExportTiles(string folder, SlidePlaces slides, IReadOnlyCollection<string>? except = null) => ReviewTiles.Write(
        folder, slides, [.. Done().Where(f => except?.Contains(f.Id) != true).Select(f => (f, ResultOf(f.Slide)))], field =>
            Review(FieldOf(field.Id).Session, field.Slide));

    /// <summary>What the fields of a session that are done tell of the model's precision and recall.</summary>
    /// <param name="session">Name of the session; null takes the latest drawn at random.</param>
    /// <exception cref="ReviewException">There is none, it wasn't drawn at random, or no field is done.</exception>
    public ReviewEstimate Estimate(string? session = null)
    {
        var sessions = Sessions;
        var chosen = session is null
            ? sessions.LastOrDefault(s => s.Choice == FieldChoice.Random)
                ?? throw new ReviewException($"{Results}: no fields were drawn at random yet; only such fields tell of the rest.")
            : sessions.FirstOrDefault(s => s.Id == session) ?? throw new ReviewException($"{Results}: there is no session {session}.");
        if (chosen.Choice != FieldChoice.Random)
        {
            throw new ReviewException($"The fields of {chosen.Id} were not drawn at random, so they tell nothing of the rest. Draw some at random.");
        }

        return ReviewEstimate.Of(chosen, [.. chosen.Fields.Where(f => StateOf(f).IsDone)
            .Select(f => (f, Review(chosen, f.Slide).Look(state => FieldScore.Of(f, state))))]);
    }

    /// <summary>Looks at all logs, and holds sessions and nuclei of fields against the hashes that the logs have of them.</summary>
    /// <param name="noted">A hash that somebody noted earlier, which a log must hold; or null.</param>
    /// <returns>For each log what holds, and what is wrong, if anything.</returns>
    public IReadOnlyList<ReviewCheck> Verify(string? noted = null)
    {
        if (!Directory.Exists(Place))
        {
            throw new ReviewException($"{Results}: no review was begun.");
        }

        List<ReviewCheck> checks = [.. Directory.EnumerateFiles(Place, "*" + LogEnding).Order(StringComparer.Ordinal).Select(p => ReviewCheck.Of(p, Place))];
        checks.AddRange(Sessions.SelectMany(s => s.Fields.Select(f => f.Slide).Distinct()).Distinct().Select(LogOf).Where(p => !File.Exists(p))
            .Select(p => new ReviewCheck(p, 0, "", "the log is gone.")));
        return noted is null || checks.Exists(c => c.Hashes.Contains(noted)) ? checks
            : [.. checks, new ReviewCheck(Place, 0, "", $"no log holds an entry with the hash {noted}.")];
    }

    /// <summary>The fields that are done, of all sessions. Of fields that lie on each other, the one done last.</summary>
    internal IReadOnlyList<ReviewField> Done()
    {
        var kept = new List<ReviewField>();
        foreach (var field in Sessions.SelectMany(s => s.Fields).Select(f => (Field: f, State: StateOf(f))).Where(f => f.State.IsDone)
            .OrderByDescending(f => f.State.When).Select(f => f.Field))
        {
            if (!kept.Exists(k => k.Slide == field.Slide && k.X < field.X + field.Width && field.X < k.X + k.Width && k.Y < field.Y + field.Height
                && field.Y < k.Y + k.Height))
            {
                kept.Add(field);
            }
        }

        return [.. kept.OrderBy(f => f.Id, StringComparer.Ordinal)];
    }

    private static void Require(string who)
    {
        const int longest = 128;
        if (string.IsNullOrWhiteSpace(who) || who.Length > longest || who.Any(char.IsControl))
        {
            throw new ReviewException($"A review needs the name of who makes it, of at most {longest} letters.");
        }
    }

    private static void RequireSensible(SessionPlan plan)
    {
        Require(plan.Who);
        if (!Enum.IsDefined(plan.Choice))
        {
            throw new ReviewException("Fields are chosen at random or where the model is least sure.");
        }

        if (plan.Fields is < 1 or > SessionPlan.MostFields)
        {
            throw new ReviewException($"A session has 1 to {SessionPlan.MostFields} fields.");
        }

        if (!(plan.Side >= SessionPlan.SmallestSide && plan.Side <= SessionPlan.LargestSide))
        {
            throw new ReviewException($"A field has a side of {SessionPlan.SmallestSide} to {SessionPlan.LargestSide} um.");
        }
    }

    private ReviewSession Write(SessionPlan plan, IReadOnlyList<Cell> cells, IReadOnlyList<(Cell Cell, double? Inclusion)> drawn)
    {
        Directory.CreateDirectory(Place);
        var kind = plan.Choice == FieldChoice.Random ? "random" : "unsure";

        // All that may refuse comes before anything is written. A run that was stopped half-way has left its id in files and logs: that is not given again.
        var reviews = drawn.Select(d => d.Cell.Slide).Distinct(StringComparer.Ordinal).ToDictionary(s => s, Review, StringComparer.Ordinal);
        var id = Enumerable.Range(1, int.MaxValue).Select(n => string.Create(CultureInfo.InvariantCulture, $"{kind}-{n}"))
            .First(n => Claim(n, reviews.Values));
        try
        {
            return Write(plan, cells, drawn, reviews, id);
        }
        finally
        {
            File.Delete(ClaimOf(id));
        }
    }

    private string ClaimOf(string session) => Path.Combine(Place, session + ".begun");

    /// <summary>Takes a session's id, which another process may want at the same moment: only one can make the file.</summary>
    private bool Claim(string id, IEnumerable<SlideReview> reviews)
    {
        var claim = ClaimOf(id);
        if (IsTaken())
        {
            return false;
        }

        try
        {
            File.Open(claim, FileMode.CreateNew).Dispose();
        }
        catch (IOException) when (File.Exists(claim))
        {
            return false;
        }

        // The one before may have come to its end since the first look.
        if (IsTaken(except: claim))
        {
            File.Delete(claim);
            return false;
        }

        return true;

        bool IsTaken(string? except = null) => Directory.EnumerateFiles(Place, id + ".*").Any(f => f != except) || reviews.Any(r => r.Has(id));
    }

    private ReviewSession Write(
        SessionPlan plan,
        IReadOnlyList<Cell> cells,
        IReadOnlyList<(Cell Cell, double? Inclusion)> drawn,
        Dictionary<string, SlideReview> reviews,
        string id)
    {
        var session = new ReviewSession
        {
            Id = id,
            Choice = plan.Choice,
            Seed = plan.Seed,
            Side = plan.Side,
            When = DateTimeOffset.UtcNow,
            Who = plan.Who,
            Population = cells.Count,
            Tissue = Math.Round(1e-6 * cells.Sum(c => c.Tissue), 6),
            Fields = [.. drawn.Select((d, i) => new ReviewField(
                string.Create(CultureInfo.InvariantCulture, $"{id}.{i + 1:00}"), d.Cell.Slide, d.Cell.X, d.Cell.Y, d.Cell.Width, d.Cell.Height, d.Inclusion))],
        };
        var (bytes, hash) = SessionFiles.Make(session);
        foreach (var fields in session.Fields.GroupBy(f => f.Slide, StringComparer.Ordinal))
        {
            var nuclei = FieldNucleiFile.Write(FieldNucleiFile.PathFor(Place, id, fields.Key), _results[fields.Key], fields);
            reviews[fields.Key].Append(_ => new ReviewEntry { When = session.When, Who = plan.Who, What = EditKind.Fields, Session = id, File = hash,
                Nuclei = nuclei });
        }

        PartialFile.Write(SessionFiles.PathFor(Place, id), file => file.Write(bytes));
        return session;
    }

    private SlideResult ResultOf(string slide) => _results.GetValueOrDefault(slide) ?? throw new ReviewException($"{Results}: holds no result called {slide}.");

    private (ReviewSession Session, ReviewField Field) FieldOf(string id) =>
        Sessions.SelectMany(s => s.Fields.Where(f => f.Id == id).Select(f => (s, f))).FirstOrDefault() is { f: not null } found ? found
        : throw new ReviewException($"{Results}: there is no field {id}.");

    private SlideReview Review(ReviewSession session, string slide)
    {
        var review = Review(slide);
        if (!review.Has(session.Id))
        {
            throw new ReviewException($"The fields of {session.Id} on {slide} were drawn on an older result of it, which is gone. Draw new fields.");
        }

        review.Know(session.Id, () => FieldNucleiFile.Read(FieldNucleiFile.PathFor(Place, session.Id, slide)));
        return review;
    }

    private SlideReview Review(string slide)
    {
        var review = Opened(slide);
        return review.IsOfResult ? review : throw new ReviewException(
            $"{slide} was segmented anew since its review began, and has other nuclei now. " +
            $"Move {review.Path} away to begin anew, or the results to another folder.");
    }

    private SlideReview Opened(string slide)
    {
        lock (_gate)
        {
            if (!_reviews.TryGetValue(slide, out var review))
            {
                _reviews[slide] = review = new SlideReview(ResultOf(slide), LogOf(slide), Results);
            }

            return review;
        }
    }

    private string LogOf(string slide) => Path.Combine(Place, slide + LogEnding);
}
