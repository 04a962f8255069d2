using HoverFast.Jobs;
using HoverFast.Review.Edits;
using HoverFast.Review.Fields;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Review.Tests;

public sealed class ReviewFolderTests(SegmentedSample sample) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheSameSeedDrawsTheSameFields()
    {
        var review = Open();
        var plan = new SessionPlan { Who = "anna", Fields = 5, Side = 50, Seed = 3 };
        var first = review.Start(plan, sample.Places, TestContext.Current.CancellationToken);
        var second = review.Start(plan, sample.Places, TestContext.Current.CancellationToken);

        Assert.Equal(first.Fields.Select(f => (f.X, f.Y, f.Inclusion)), second.Fields.Select(f => (f.X, f.Y, f.Inclusion)));
        Assert.Equal(["random-1", "random-2"], review.Sessions.Select(s => s.Id));
        Assert.NotEqual(first.Fields[0].X, review.Start(plan with { Seed = 4 }, sample.Places, TestContext.Current.CancellationToken).Fields[0].X);
    }

    /// <summary>What was left out because of artefacts has no nuclei in the result, so none can be missed there.</summary>
    [Fact]
    public void FieldsThatWereLeftOutAreNotDrawn()
    {
        var results = sample.Copy(_folder.File("left-out"));
        var path = Manifest.PathFor(results, SegmentedSample.Name);
        var manifest = Manifest.TryRead(path)!;
        var left = new ManifestLeftOut { Area = 0, Nuclei = 0, Reasons = new Dictionary<string, int>(), Fields = ["0: 1 to 3"] };
        var plan = new SessionPlan { Who = "anna", Fields = 100, Side = 50, Seed = 3 };

        // The picture is the field in the upper left corner.
        (manifest with { LeftOut = left }).Write(path);
        Assert.NotEmpty(ReviewFolder.Open(results).Start(plan, sample.Places, TestContext.Current.CancellationToken).Fields);
        (manifest with { LeftOut = left with { Fields = ["0: 0"] } }).Write(path);
        var none = Assert.Throws<ReviewException>(() => ReviewFolder.Open(results).Start(plan, sample.Places, TestContext.Current.CancellationToken));
        Assert.Contains("outside of what was left out because of artefacts", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheLeastSureFieldsComeFirst()
    {
        var review = Open();
        var session = review.Start(new SessionPlan { Who = "anna", Choice = FieldChoice.LeastSure, Fields = 3, Side = 60 }, sample.Places,
            TestContext.Current.CancellationToken);
        double[] doubt = [.. session.Fields.Select(f => review.Look(f.Id).Nuclei.Where(n => n.IsInField).Sum(n => 1 - n.Probability!.Value))];

        Assert.Equal(doubt.OrderDescending(), doubt);
        Assert.True(doubt[0] > 0);
        Assert.Throws<ReviewException>(() => review.Estimate(session.Id));
    }

    [Fact]
    public void EachEditDoesWhatItSays()
    {
        var (review, field) = Begun();
        var nuclei = Inside(review, field);
        var (first, second) = (nuclei[0], nuclei[1]);

        var drawn = review.Edit(Edit(review, field, EditKind.Redraw) with { Nuclei = [first.Id], Points = Square(field, 10, 12) });
        Assert.Equal(first.Id, Assert.Single(drawn.Changed).Id);
        Assert.Equal(Square(field, 10, 12), drawn.Changed[0].Outline);

        var split = review.Edit(Edit(review, field, EditKind.Split) with { Nuclei = [first.Id], Points = [field.X + 16, field.Y, field.X + 16, field.Y + 50] });
        Assert.Equal([first.Id], split.Removed);
        Assert.Equal(2, split.Changed.Count);

        var merged = review.Edit(Edit(review, field, EditKind.Merge) with { Nuclei = [.. split.Changed.Select(c => c.Id)] });
        Assert.Equal(144, AreaOf(Assert.Single(merged.Changed)), 6);

        var classed = review.Edit(Edit(review, field, EditKind.SetClass) with { Nuclei = [second.Id], Class = "Lymphocyte" });
        Assert.Equal("Lymphocyte", Assert.Single(classed.Changed).Class);

        review.Edit(Edit(review, field, EditKind.Delete) with { Nuclei = [second.Id], Why = "debris" });
        Assert.DoesNotContain(review.Look(field.Id).Nuclei, n => n.Id == second.Id);

        review.Edit(Edit(review, field, EditKind.Accept));
        Assert.True(review.Look(field.Id).State.IsDone);
        Assert.All(review.Verify(), c => Assert.Null(c.Problem));
    }

    /// <summary>Where results were made with --audit, each edit stands in their audit log with the hash of its entry in the review's own log.</summary>
    [Fact]
    public void TheAuditLogOfTheResultsHasTheEdits()
    {
        var (review, field) = Begun();
        var audit = Path.Combine(review.Results, "audit.jsonl");
        File.WriteAllText(audit, "");
        review.Edit(Edit(review, field, EditKind.Delete) with { Nuclei = [Inside(review, field)[0].Id] });
        review.Edit(Edit(review, field, EditKind.Undo));
        var lines = File.ReadAllLines(audit);
        Assert.Equal(2, lines.Length);
        Assert.Contains($"\"note\":\"Delete, field {field.Id}\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"what\":\"edited\",\"result\":\"sample\"", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(ResultVerification.Of(review.Results).Problems, p => p.Contains("review", StringComparison.Ordinal));

        // A log whose chain is broken stops the edit before it is done.
        File.WriteAllText(audit, string.Join('\n', lines).Replace("Undo", "Redo", StringComparison.Ordinal) + "\n");
        var before = File.ReadAllBytes(review.Verify()[0].Log);
        Assert.ThrowsAny<IOException>(() => review.Edit(Edit(review, field, EditKind.Accept)));
        Assert.Equal(before, File.ReadAllBytes(review.Verify()[0].Log));
    }

    [Fact]
    public void UndoAndRedoLeadBackAndForth()
    {
        var (review, field) = Begun();
        var before = review.Look(field.Id).Nuclei.Select(n => (n.Id, string.Join(' ', n.Outline))).ToList();
        var id = Inside(review, field)[0].Id;
        review.Edit(Edit(review, field, EditKind.Delete) with { Nuclei = [id] });
        review.Edit(Edit(review, field, EditKind.Add) with { Points = Square(field, 3, 20) });
        var after = review.Look(field.Id).Nuclei.Select(n => n.Id).ToList();

        review.Edit(Edit(review, field, EditKind.Undo));
        review.Edit(Edit(review, field, EditKind.Undo));
        Assert.Equal(before, review.Look(field.Id).Nuclei.Select(n => (n.Id, string.Join(' ', n.Outline))));
        Assert.Throws<ReviewException>(() => review.Edit(Edit(review, field, EditKind.Undo)));

        review.Edit(Edit(review, field, EditKind.Redo));
        review.Edit(Edit(review, field, EditKind.Redo));
        Assert.Equal(after, review.Look(field.Id).Nuclei.Select(n => n.Id));
        Assert.Throws<ReviewException>(() => review.Edit(Edit(review, field, EditKind.Redo)));
    }

    [Fact]
    public void UndoOfAcceptOpensTheField()
    {
        var (review, field) = Begun();
        review.Edit(Edit(review, field, EditKind.Accept));
        Assert.Contains("reopen", Assert.Throws<ReviewException>(
            () => review.Edit(Edit(review, field, EditKind.Add) with { Points = Square(field, 1, 20) })).Message, StringComparison.Ordinal);
        review.Edit(Edit(review, field, EditKind.Undo));
        Assert.False(review.Look(field.Id).State.IsDone);
        review.Edit(Edit(review, field, EditKind.Redo));
        Assert.True(review.Look(field.Id).State.IsDone);
    }

    [Fact]
    public void NothingOfAnotherPersonIsOverwrittenUnseen()
    {
        var (review, field) = Begun();
        var seen = review.Look(field.Id).Entry;
        var id = Inside(review, field)[0].Id;
        review.Edit(Edit(review, field, EditKind.Redraw) with { Nuclei = [id], Points = Square(field, 5, 20) });

        // The second process of another person, who looked before.
        var other = ReviewFolder.Open(review.Results);
        var edit = new NucleusEdit { What = EditKind.Delete, Field = field.Id, Who = "boris", Seen = seen, Nuclei = [id] };
        Assert.Equal("anna", Assert.Throws<ReviewConflictException>(() => other.Edit(edit)).Who);
        Assert.Throws<ReviewConflictException>(() => other.Edit(edit with { What = EditKind.Accept }));
        Assert.Contains(other.Look(field.Id).Nuclei, n => n.Id == id);

        other.Edit(edit with { Seen = other.Look(field.Id).Entry });
        Assert.DoesNotContain(review.Look(field.Id).Nuclei, n => n.Id == id);

        // Undoing what somebody else went on from would take theirs back too.
        Assert.Equal("boris", Assert.Throws<ReviewConflictException>(() => review.Edit(Edit(review, field, EditKind.Undo))).Who);
    }

    /// <summary>Calling a field done says something of all of it: that is not said again, or taken back, over what somebody else did since.</summary>
    [Fact]
    public void UndoAndRedoOfDoneSeeWhatOthersDid()
    {
        var (review, field) = Begun();
        var nuclei = Inside(review, field);
        NucleusEdit Of(string who, EditKind what) => Edit(review, field, what) with { Who = who };
        review.Edit(Of("anna", EditKind.Accept));
        review.Edit(Of("anna", EditKind.Undo));
        var seen = review.Look(field.Id).Entry;
        review.Edit(Of("boris", EditKind.Delete) with { Nuclei = [nuclei[0].Id] });
        Assert.Equal("boris", Assert.Throws<ReviewConflictException>(() => review.Edit(Of("anna", EditKind.Redo) with { Seen = seen })).Who);
        Assert.False(review.Look(field.Id).State.IsDone);
        review.Edit(Of("anna", EditKind.Redo));
        Assert.True(review.Look(field.Id).State.IsDone);

        review.Edit(Of("boris", EditKind.Reopen));
        review.Edit(Of("boris", EditKind.Delete) with { Nuclei = [nuclei[1].Id] });
        review.Edit(Of("boris", EditKind.Accept));
        Assert.Equal("boris", Assert.Throws<ReviewConflictException>(() => review.Edit(Of("anna", EditKind.Undo))).Who);
        Assert.True(review.Look(field.Id).State.IsDone);
    }

    /// <summary>A nucleus of a field is changed from a field beside it as well; who calls the field done has to have seen that too.</summary>
    [Fact]
    public void AFieldIsNotCalledDoneOverWhatWasDoneFromTheFieldBesideIt()
    {
        var review = Open();
        var session = review.Start(new SessionPlan { Who = "anna", Fields = 100, Side = 40, Seed = 1 }, sample.Places, TestContext.Current.CancellationToken);
        var (field, beside) = session.Fields.Where(f => f.Width == f.Height)
            .SelectMany(f => session.Fields.Where(g => g.X == f.X + f.Width && g.Y == f.Y).Select(g => (f, g))).First();
        review.Edit(Edit(review, field, EditKind.Add) with { Points = Square(field with { X = field.X + field.Width - 20 }, 4, 12) });
        var seen = review.Look(field.Id).Entry;
        var mine = Inside(review, field).Single(n => n.Version > 0);
        review.Edit(Edit(review, beside, EditKind.Delete) with { Who = "boris", Nuclei = [mine.Id] });

        var unseen = Edit(review, field, EditKind.Accept) with { Seen = seen };
        Assert.Equal("boris", Assert.Throws<ReviewConflictException>(() => review.Edit(unseen)).Who);
        review.Edit(Edit(review, field, EditKind.Accept));
        Assert.True(review.Look(field.Id).State.IsDone);
    }

    /// <summary>What is undone or redone brings no nucleus back to where somebody else drew it meanwhile.</summary>
    [Fact]
    public void UndoAndRedoDoubleNoNucleus()
    {
        var (review, field) = Begun();
        var nucleus = Inside(review, field)[0];
        review.Edit(Edit(review, field, EditKind.Delete) with { Nuclei = [nucleus.Id] });
        review.Edit(Edit(review, field, EditKind.Add) with { Who = "boris", Points = nucleus.Outline });
        Assert.Equal("boris", Assert.Throws<ReviewConflictException>(() => review.Edit(Edit(review, field, EditKind.Undo))).Who);

        // Nothing is in the way any more once they took theirs back.
        review.Edit(Edit(review, field, EditKind.Undo) with { Who = "boris" });
        review.Edit(Edit(review, field, EditKind.Undo));
        Assert.Equal("anna", Assert.Throws<ReviewConflictException>(() => review.Edit(Edit(review, field, EditKind.Redo) with { Who = "boris" })).Who);
        Assert.Single(review.Look(field.Id).Nuclei, n => n.Outline.SequenceEqual(nucleus.Outline));
    }

    [Theory]
    [InlineData(EditKind.Redraw, "three points", 0.0, 0.0, 10.0, 10.0)]
    [InlineData(EditKind.Redraw, "three points", 0.0, 0.0, 10.0, 10.0, 20.0, 20.0)]
    [InlineData(EditKind.Redraw, "less than 1 um2", 0.0, 0.0, 1.0, 0.0, 1.0, 1.0)]
    [InlineData(EditKind.Redraw, "beyond all slides", 0.0, 0.0, 1e300, 0.0, 1.0, 1.0)]
    [InlineData(EditKind.Redraw, "beyond all slides", 0.0, 0.0, double.NaN, 0.0, 1.0, 1.0)]
    [InlineData(EditKind.Redraw, "outside of field", 5000.0, 5000.0, 5010.0, 5000.0, 5005.0, 5010.0)]
    [InlineData(EditKind.Split, "in two", -900.0, -900.0, -890.0, -890.0)]
    [InlineData(EditKind.Split, "two points", 1.0, 1.0)]
    [InlineData(EditKind.Merge, "two nuclei")]
    [InlineData(EditKind.Import, "no edit of a field")]
    public void WhatMakesNoSenseIsRefused(EditKind what, string why, params double[] points)
    {
        var (review, field) = Begun();
        var id = Inside(review, field)[0].Id;
        double[] moved = [.. points.Select((v, i) => v + (i % 2 == 0 ? field.X : field.Y))];
        var error = Assert.Throws<ReviewException>(() => review.Edit(Edit(review, field, what) with { Nuclei = [id], Points = moved }));

        Assert.True(error.Message.Contains(why, StringComparison.Ordinal)
            || error.Message.Contains("outside of the slide", StringComparison.Ordinal), error.Message);
        Assert.Equal(0, review.Look(field.Id).State.Edits);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void WhatWasSeenMayBeAnyNumber(long seen)
    {
        var (review, field) = Begun();

        Assert.Equal([Inside(review, field)[0].Id],
            review.Edit(Edit(review, field, EditKind.Delete) with { Nuclei = [Inside(review, field)[0].Id], Seen = seen }).Removed);
    }

    [Fact]
    public void ACrossingOutlineIsMended()
    {
        var (review, field) = Begun();
        var id = Inside(review, field)[0].Id;
        var (x, y) = (field.X, field.Y);
        var result = review.Edit(Edit(review, field, EditKind.Redraw) with { Nuclei = [id], Points = [x, y, x + 30, y + 30, x + 30, y, x, y + 20] });

        Assert.True(OutlineOf(result.Changed[0]).Polygon.IsValid);
    }

    [Fact]
    public void AReopenedFolderKnowsAllThatWasAcknowledged()
    {
        var (review, field) = Begun();
        review.Edit(Edit(review, field, EditKind.Delete) with { Nuclei = [Inside(review, field)[0].Id] });
        review.Edit(Edit(review, field, EditKind.Add) with { Points = Square(field, 3, 20) });
        var now = review.Look(field.Id);

        var again = ReviewFolder.Open(review.Results).Look(field.Id);
        Assert.Equal(now.Entry, again.Entry);
        Assert.Equal(now.Nuclei.Select(n => (n.Id, n.Version, n.IsInField)), again.Nuclei.Select(n => (n.Id, n.Version, n.IsInField)));
    }

    [Fact]
    public void AResultMadeAnewIsNotMixedWithTheOldReview()
    {
        var (review, field) = Begun();
        var manifest = Directory.EnumerateFiles(review.Results, "*.manifest.json").Single();
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"sha256\": \"", "\"sha256\": \"00", StringComparison.Ordinal));

        Assert.Contains("segmented anew", Assert.Throws<ReviewException>(() => ReviewFolder.Open(review.Results).Look(field.Id)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>One slide's new result leaves the review of the others as it is, and its old fields are not mixed with it, even once its log was moved away.</summary>
    [Fact]
    public void OneSlideMadeAnewDoesNotStopTheOthers()
    {
        var results = sample.Copy(_folder.File("results"));
        var path = Path.Combine(results, "other.manifest.json");
        File.Copy(Path.Combine(results, "sample.geojson.gz"), Path.Combine(results, "other.geojson.gz"));
        var manifest = File.ReadAllText(Path.Combine(results, "sample.manifest.json"));
        File.WriteAllText(path, manifest.Replace("sample.geojson", "other.geojson", StringComparison.Ordinal));
        var plan = new SessionPlan { Who = "anna", Fields = 12, Side = 80, Seed = 1 };
        var session = ReviewFolder.Open(results).Start(plan, sample.Places, TestContext.Current.CancellationToken);
        var (kept, old) = (session.Fields.First(f => f.Slide == "sample"), session.Fields.First(f => f.Slide == "other"));

        File.WriteAllText(path, File.ReadAllText(path).Replace("\"sha256\": \"", "\"sha256\": \"00", StringComparison.Ordinal));
        var review = ReviewFolder.Open(results);
        review.Edit(Edit(review, kept, EditKind.Accept));
        Assert.True(review.StateOf(kept).IsDone);
        Assert.True(review.StateOf(old).IsOfOlderResult);
        Assert.Equal(1, review.Estimate().Done);
        Assert.Contains("segmented anew", Assert.Throws<ReviewException>(() => review.Look(old.Id)).Message, StringComparison.Ordinal);
        Assert.Throws<ReviewException>(() => review.Start(plan with { Slides = ["other"] }, sample.Places, TestContext.Current.CancellationToken));
        review.Start(plan with { Slides = ["sample"] }, sample.Places, TestContext.Current.CancellationToken);
        Assert.All(review.Verify(), c => Assert.Null(c.Problem));

        File.Move(Path.Combine(results, "review", "other.review.jsonl"), _folder.File("away.jsonl"));
        File.Delete(Path.Combine(results, "review", "other.review.jsonl.head"));
        review = ReviewFolder.Open(results);
        var drawn = review.Start(plan with { Slides = ["other"] }, sample.Places, TestContext.Current.CancellationToken).Fields[0];
        Assert.False(review.StateOf(drawn).IsOfOlderResult);
        Assert.True(review.StateOf(old).IsOfOlderResult);
        Assert.Contains("older result", Assert.Throws<ReviewException>(() => review.Edit(Edit(review, drawn, EditKind.Accept) with { Field = old.Id })).Message,
            StringComparison.Ordinal);
    }

    /// <summary>The session's file comes last; the name of one that was stopped before is in a log already, with another hash.</summary>
    [Fact]
    public void TheNameOfASessionThatWasStoppedHalfWayIsNotGivenAgain()
    {
        var (review, _) = Begun();
        File.Delete(Path.Combine(review.Results, "review", "random-1.session.json"));
        var again = ReviewFolder.Open(review.Results);

        Assert.Equal("random-2", again.Start(
            new SessionPlan { Who = "anna", Fields = 2, Side = 80, Seed = 5 }, sample.Places, TestContext.Current.CancellationToken).Id);
        Assert.All(again.Verify(), c => Assert.Null(c.Problem));
    }

    /// <summary>Two programs that draw at the same moment get two sessions; one wrote over the other's, and its fields were lost.</summary>
    [Fact]
    public async Task SessionsThatAreDrawnAtOnceAreTwo()
    {
        var results = Open().Results;
        ReviewFolder[] reviews = [.. Enumerable.Range(0, 6).Select(_ => ReviewFolder.Open(results))];
        var drawn = await Task.WhenAll(reviews.Select((r, i) => Task.Run(
            () => r.Start(new SessionPlan { Who = "anna", Fields = 2 + i, Side = 80, Seed = i }, sample.Places, TestContext.Current.CancellationToken))));

        Assert.Equal(6, drawn.DistinctBy(s => s.Id).Count());
        Assert.Equal(drawn.Select(s => (s.Id, s.Fields.Count)).Order(), reviews[0].Sessions.Select(s => (s.Id, s.Fields.Count)).Order());
        Assert.All(reviews[0].Verify(), c => Assert.Null(c.Problem));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(results, "review"), "*.begun"));
    }

    /// <summary>A manifest that somebody wrote must not lead out of its folder.</summary>
    [Fact]
    public void NucleiOutsideOfTheFolderAreNotTaken()
    {
        var review = Open();
        File.Copy(Path.Combine(review.Results, "sample.geojson.gz"), _folder.File("outside.geojson.gz"));
        var manifest = Path.Combine(review.Results, "sample.manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"sample.geojson.gz\"", "\"../outside.geojson.gz\"", StringComparison.Ordinal));

        Assert.Contains("are gone", Assert.Throws<ReviewException>(
            () => ReviewFolder.Open(review.Results).ExportGeoJson("sample", _folder.File("c.geojson"), "anna")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FieldsMovedAfterTheDrawAreFound()
    {
        var (review, _) = Begun();
        var session = Directory.EnumerateFiles(Path.Combine(review.Results, "review"), "*.session.json").Single();
        File.WriteAllText(session, File.ReadAllText(session).Replace("\"seed\": 1", "\"seed\": 2", StringComparison.Ordinal));

        Assert.Contains("was changed", Assert.Single(review.Verify()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void EstimatesCountWhatTheReviewSays()
    {
        var review = Open();
        var session = review.Start(new SessionPlan { Who = "anna", Fields = 1000, Side = 64 }, sample.Places, TestContext.Current.CancellationToken);
        var found = session.Fields.Sum(f => review.Look(f.Id).Nuclei.Count(n => n.IsInField));
        var field = session.Fields.First(f => Inside(review, f).Count > 3);
        review.Edit(Edit(review, field, EditKind.Delete) with { Nuclei = [.. Inside(review, field).Take(2).Select(n => n.Id)] });
        foreach (var f in session.Fields)
        {
            review.Edit(Edit(review, f, EditKind.Accept));
        }

        var estimate = review.Estimate();

        // Every field of the tissue was looked at, so each nucleus was counted exactly once.
        var all = HoverFast.Labels.OutlineFile.Read(Path.Combine(review.Results, "sample.geojson.gz")).Count;
        Assert.Equal(all, found);
        Assert.Equal((all - 2.0) / all, estimate.Precision.Value, 9);
        Assert.Equal(1, estimate.Recall.Value, 9);
        Assert.Equal(estimate.Precision.Value, estimate.Precision.Low);
    }

    /// <summary>Files in patients' folders may all have one name: what is taught must not be of another.</summary>
    [Fact]
    public void TilesAreOfTheSlideThatWasSegmentedAndNotOfAnotherOfItsFilesName()
    {
        var (review, field) = Begun();
        review.Edit(Edit(review, field, EditKind.Accept));
        var picture = Path.Combine(sample.Slides, "sample.png");
        foreach (var patient in new[] { "anna", "bert" })
        {
            Directory.CreateDirectory(_folder.File($"patients/{patient}"));
        }

        Synthetic.SamplePicture.Write(_folder.File("patients/anna/sample.png"), 1024, new Slides.Mpp(0.25), 8);
        File.Copy(picture, _folder.File("patients/bert/sample.png"));
        review.ExportTiles(_folder.File("tiles"), SlidePlaces.In([_folder.File("patients")]));

        var image = Slides.RgbImageFile.Read(_folder.File($"tiles/images/{field.Id}.png"));
        Assert.Equal(Slides.RgbImageFile.Read(picture).Row(field.Y + 5).Slice(field.X * 3, 30).ToArray(), image.Row(5)[..30].ToArray());

        File.Delete(_folder.File("patients/bert/sample.png"));
        File.Copy(_folder.File("patients/anna/sample.png"), _folder.File("patients/bert/sample.png"));
        Assert.Contains("holds no slide", Assert.Throws<ReviewException>(
            () => review.ExportTiles(_folder.File("other"), SlidePlaces.In([_folder.File("patients")]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TilesShowTheFieldsWithTheirNuclei()
    {
        var (review, field) = Begun();
        var nuclei = Inside(review, field);
        review.Edit(Edit(review, field, EditKind.Delete) with { Nuclei = [.. nuclei.Skip(1).Select(n => n.Id)] });
        review.Edit(Edit(review, field, EditKind.Accept));
        var tiles = review.ExportTiles(_folder.File("tiles"), sample.Places);

        Assert.Equal([field.Id], tiles.Fields);
        Assert.Equal(0.25, tiles.Mpp);
        var image = Slides.RgbImageFile.Read(_folder.File($"tiles/images/{field.Id}.png"));
        var labels = Labels.LabelImageFile.Read(_folder.File($"tiles/labels/{field.Id}.png"));
        var whole = Slides.RgbImageFile.Read(Path.Combine(sample.Slides, "sample.png"));
        Assert.Equal((field.Width, field.Height), (image.Width, image.Height));
        Assert.Equal(whole.Row(field.Y + 5).Slice((field.X + 7) * 3, 30).ToArray(), image.Row(5).Slice(7 * 3, 30).ToArray());
        var centre = OutlineOf(nuclei[0]).Polygon.InteriorPoint;
        Assert.NotEqual(0, labels.Labels[(((int)centre.Y - field.Y) * labels.Width) + (int)centre.X - field.X]);
        var gone = OutlineOf(nuclei[1]).Polygon.InteriorPoint;
        Assert.Equal(0, labels.Labels[(((int)gone.Y - field.Y) * labels.Width) + (int)gone.X - field.X]);
        Assert.Contains("is there already", Assert.Throws<ReviewException>(() => review.ExportTiles(_folder.File("tiles"), sample.Places)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TheSecondInAFieldIsToldAndClaimsEndByThemselves()
    {
        var clock = new StoppedClock();
        var claims = new FieldClaims(clock);
        Assert.Empty(claims.Claim("random-1.01", "anna"));
        Assert.Equal("anna", Assert.Single(claims.Claim("random-1.01", "boris")).Who);
        Assert.Empty(claims.Claim("random-1.02", "carla"));
        clock.Now += FieldClaims.Lasts + TimeSpan.FromSeconds(1);
        Assert.Empty(claims.Claim("random-1.01", "boris"));
        claims.Leave("random-1.01", "boris");
        Assert.Empty(claims.Claim("random-1.01", "anna"));
    }

    private ReviewFolder Open() => ReviewFolder.Open(sample.Copy(_folder.File("results")));

    private (ReviewFolder Review, ReviewField Field) Begun()
    {
        var review = Open();
        var session = review.Start(new SessionPlan { Who = "anna", Fields = 4, Side = 80, Seed = 1 }, sample.Places, TestContext.Current.CancellationToken);
        return (review, session.Fields.First(f => f.Width == 320 && f.Height == 320 && Inside(review, f).Count > 3));
    }

    private static List<ReviewedNucleus> Inside(ReviewFolder review, ReviewField field) => [.. review.Look(field.Id).Nuclei.Where(n => n.IsInField)];

    private static NucleusEdit Edit(ReviewFolder review, ReviewField field, EditKind what) =>
        new() { What = what, Field = field.Id, Who = "anna", Seen = review.Look(field.Id).Entry };

    private static double[] Square(ReviewField field, double at, double side) =>
        [field.X + at, field.Y + at, field.X + at + side, field.Y + at, field.X + at + side, field.Y + at + side, field.X + at, field.Y + at + side];

    private static Outline OutlineOf(ReviewedNucleus nucleus) => Outline.TryOf(nucleus.Outline)!;

    private static double AreaOf(ReviewedNucleus nucleus) => OutlineOf(nucleus).Area;

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
