using System.CommandLine;
using System.Globalization;
using HoverFast.Cli.Options;
using HoverFast.Files;
using HoverFast.Review;
using HoverFast.Review.Fields;
using HoverFast.Review.Models;

namespace HoverFast.Cli.Commands;

/// <summary>
/// <c>hoverfast review</c>: draws fields of finished results for people to review, takes their edits in and out, and tells what they say of the model.
/// </summary>
internal static class ReviewCommand
{
    private static readonly Argument<DirectoryInfo> _results = new("RESULTS") { Description = "The folder that 'segment' wrote." };

    /// <summary>The command.</summary>
    public static Command Make() => new("review",
        "Review results: draw fields, exchange edits with QuPath, estimate precision and recall, make training tiles.")
    {
        Start(), Status(), Import(), Export(), Report(), Verify(),
    };

    private static Command Start()
    {
        var slides = Slides();
        slides.Required = true;
        var fields = NumberOption.Whole("--fields", "Fields to draw.", 12, 1, SessionPlan.MostFields);
        var side = NumberOption.Real("--field-size", "Side of a field in um.", 100, SessionPlan.SmallestSide, SessionPlan.LargestSide);
        var seed = NumberOption.Whole("--seed", "Another seed draws other fields.", 1, 0, int.MaxValue);
        var by = new Option<string>("--by")
        {
            Description = "random: precision and recall of the model can be told from them; unsure: where the model was least sure, which teaches most.",
            DefaultValueFactory = _ => "random",
        };
        by.AcceptOnlyFromAmong("random", "unsure");
        var slide = new Option<string[]>("--slide") { Description = "Names of the results to draw from (default: all). Repeatable." };
        var who = Who();
        var command = new Command("start", "Draw the fields of a new session.") { _results, slides, fields, side, seed, by, slide, who };
        command.SetAction((parsed, cancellation) =>
        {
            var session = ReviewFolder.Open(parsed.GetValue(_results)!.FullName).Start(
                new SessionPlan
                {
                    Choice = parsed.GetValue(by) == "random" ? FieldChoice.Random : FieldChoice.LeastSure,
                    Fields = parsed.GetValue(fields),
                    Side = parsed.GetValue(side),
                    Seed = parsed.GetValue(seed),
                    Slides = parsed.GetValue(slide) ?? [],
                    Who = parsed.GetValue(who)!,
                },
                SlidePlaces.In(parsed.GetValue(slides)!),
                cancellation);
            Console.WriteLine(
                Invariant($"{session.Id}: {session.Fields.Count} fields of {session.Side} um, of {session.Population} on {session.Tissue:0.##} mm2 of tissue"));
            Console.WriteLine(
                $"review them in the browser: hoverfast serve {parsed.GetValue(_results)} {string.Join(' ', parsed.GetValue(slides)!.Select(s => $"--slides {s}"))}");
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static Command Status()
    {
        var command = new Command("status", "List sessions and how far their fields are.") { _results };
        command.SetAction(parsed =>
        {
            var review = ReviewFolder.Open(parsed.GetValue(_results)!.FullName);
            foreach (var session in review.Sessions)
            {
                Console.WriteLine(Invariant($"{session.Id}, {session.When:yyyy-MM-dd} by {session.Who}:"));
                foreach (var field in session.Fields)
                {
                    var state = review.StateOf(field);
                    var touched = state.Who is null ? "" : Invariant($", {state.Edits} edits, {state.Who} {state.When:yyyy-MM-dd HH:mm} UTC");
                    Console.WriteLine($"  {field.Id}  {field.Slide}  {(state.IsOfOlderResult ? "of an older result" : state.IsDone ? "done" : state.Edits > 0 ? "begun" : "open")}{touched}");
                }
            }
        });
        return command;
    }

    private static Command Import()
    {
        var file = new Argument<FileInfo>("EDITED") { Description = "GeoJSON that QuPath exported, packed or not." };
        var slide = new Option<string?>("--slide") { Description = "Name of the result that the file belongs to (default: told by the nuclei's identities)." };
        var why = new Option<string?>("--why") { Description = "Why, for the log." };
        var deletions = new Option<bool>("--allow-deletions")
        {
            Description = "Take all nuclei that are missing from the file as deleted, however many they are.",
        };
        var who = Who();
        var command = new Command("import", "Take edits in that were made in QuPath.") { _results, file, slide, why, deletions, who };
        command.SetAction(parsed =>
        {
            var report = ReviewFolder.Open(parsed.GetValue(_results)!.FullName)
                .Import(parsed.GetValue(file)!.FullName, parsed.GetValue(slide), parsed.GetValue(who)!, parsed.GetValue(why), parsed.GetValue(deletions));
            Console.WriteLine(
                Invariant($"{report.Slide}: {report.Added} added, {report.Redrawn} redrawn, {report.Reclassified} of another class, {report.Deleted} deleted"));
            foreach (var refused in report.Refused)
            {
                Console.Error.WriteLine("warning: " + refused);
            }

            foreach (var id in report.Conflicts)
            {
                Console.Error.WriteLine($"warning: {id} was changed in the review since the export, or by another person before it, and stays as it is there.");
            }

            return report.Refused.Count + report.Conflicts.Count > 0 ? ExitCode.SomeFailed : ExitCode.Success;
        });
        return command;
    }

    private static Command Export()
    {
        var tiles = new Option<DirectoryInfo?>("--tiles")
        {
            Description = "New folder for the fields that are done as training tiles: images/, labels/ and tiles.json with their pixel size.",
        };
        var geoJson = new Option<DirectoryInfo?>("--geojson")
        {
            Description = "Folder for the corrected results as NAME.corrected.geojson.gz, which QuPath opens.",
        };
        var slides = Slides();
        var who = Who();
        var command = new Command("export", "Write what was reviewed: tiles to learn from, or corrected results.") { _results, tiles, geoJson, slides, who };
        command.Validators.Add(r =>
        {
            if (r.GetResult(tiles) is null && r.GetResult(geoJson) is null)
            {
                r.AddError("Say what to write: --tiles FOLDER, --geojson FOLDER, or both.");
            }
            else if (r.GetResult(tiles) is not null && r.GetResult(slides) is null)
            {
                r.AddError("--tiles needs the slides: give their folder with --slides.");
            }
        });
        command.SetAction(parsed =>
        {
            var review = ReviewFolder.Open(parsed.GetValue(_results)!.FullName);
            if (parsed.GetValue(tiles) is { } folder)
            {
                var written = review.ExportTiles(folder.FullName, SlidePlaces.In(parsed.GetValue(slides)!));
                Console.WriteLine(Invariant($"{written.Folder}: {written.Fields.Count} tiles of {written.Mpp} um/px with {written.Nuclei} nuclei"));
            }

            foreach (var slide in parsed.GetValue(geoJson) is null ? [] : review.Slides)
            {
                var path = Path.Combine(parsed.GetValue(geoJson)!.FullName, slide + ".corrected.geojson.gz");
                Console.WriteLine($"{path}: {review.ExportGeoJson(slide, path, parsed.GetValue(who)!)} nuclei");
            }
        });
        return command;
    }

    private static Command Report()
    {
        var session = new Option<string?>("--session") { Description = "Name of the session (default: the latest drawn at random)." };
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures as JSON too." };
        var command = new Command(
            "report", "Tell the model's precision, recall and F1 on all the tissue, with 95 % intervals, from fields drawn at random.")
        {
            _results, session, json,
        };
        command.SetAction(parsed =>
        {
            var estimate = ReviewFolder.Open(parsed.GetValue(_results)!.FullName).Estimate(parsed.GetValue(session));
            Console.Write(estimate.ToTable());
            if (parsed.GetValue(json) is { } file)
            {
                PartialFile.WriteText(file.FullName, estimate.ToJson());
            }
        });
        return command;
    }

    private static Command Verify()
    {
        var head = new Option<string?>("--head") { Description = "A hash that you noted earlier: some log must hold it." };
        var command = new Command(
            "verify",
            "Look for entries of the logs that were changed, taken out or cut off. Note the hashes that it tells elsewhere, and nothing before them can be " +
            "changed unseen.")
        {
            _results, head,
        };
        command.SetAction(parsed =>
        {
            var results = parsed.GetValue(_results)!.FullName;
            List<ReviewCheck> checks = [.. ReviewFolder.Open(results).Verify(parsed.GetValue(head))];
            if (ModelRegistry.Of(results).Verify() is { } registry)
            {
                checks.Add(registry);
            }

            foreach (var check in checks)
            {
                if (check.Problem is null)
                {
                    Console.WriteLine($"{check.Log}: {check.Entries} entries hold, head {check.Head}");
                }
                else
                {
                    Console.Error.WriteLine($"error: {check.Log}: {check.Problem}");
                }
            }

            return checks.All(c => c.Problem is null) ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }

    private static Option<string[]> Slides() => new("--slides") { Description = "Folder or file of the slides that the results are of. Repeatable." };

    /// <summary>The option that says who does it.</summary>
    public static Option<string> Who() => new("--who") { Description = "Your name, for the log.", DefaultValueFactory = _ => Environment.UserName };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
