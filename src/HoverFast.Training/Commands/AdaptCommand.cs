using System.CommandLine;
using System.CommandLine.Parsing;
using HoverFast.Cli;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Pipeline;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using TorchSharp;

namespace HoverFast.Training.Commands;

/// <summary><c>adapt</c>: a student learns the tissue of a new laboratory from a few labelled tiles, and keeps what it knew.</summary>
internal static class AdaptCommand
{
    private const int LeastRuns = 2;
    private const int MostRuns = 10;
    private const string DefaultStart = "hoverfast-he-float32";

    public static Command Create()
    {
        var defaults = new AdaptationSettings();
        var tiles = new Argument<DirectoryInfo?>("TILES")
        {
            Description =
                "Folder with images/ and labels/ (label images, or GeoJSON from QuPath, of the same names). Every nucleus of a tile must be labelled.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var review = new Option<DirectoryInfo?>("--review")
        {
            Description =
                "Folder of results: learns from their reviewed fields instead of TILES, goes on from their registry's current model, and registers a candidate there.",
        };
        var slides = new Option<string[]>("--slides") { Description = "Folder or file of the slides that the reviewed results are of. Repeatable." };
        var who = new Option<string>("--who")
        {
            Description = "Who has the model made, for the registry and the audit log.",
            DefaultValueFactory = _ => AuditEntry.Me,
        };
        var mpp = MppOption();
        var model = new Option<string?>("--model")
        {
            Description = $"The student to start from: a built-in name, or a float32 model; an adapted one can be adapted again (default: {DefaultStart}).",
        };
        var output = new Option<FileInfo?>("--output", "-o")
        {
            Description =
                "The model to write, float32 (MODEL.onnx). Beside it go MODEL-int8.onnx, MODEL.report.html, MODEL.report.json and MODEL.rehearsal.zip.",
        };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace the model that is there." };
        var checkOnly = new Option<bool>("--check") { Description = "Only look at tiles and labels and say what is wrong with them." };
        var unlabelled = new Option<DirectoryInfo?>("--unlabelled")
        {
            Description =
                "Folder of unlabelled tiles of the same tissue and pixel size: the adapted model's own averaged answers to them are learned too. Twice the time.",
        };
        var also = new Option<string[]>("--also-check")
        {
            Description = "A further folder of labelled tiles on which the model must not get worse; FOLDER=MPP where its pixel size is another. Repeatable.",
        };
        var audit = new Option<FileInfo?>("--log")
        {
            Description =
                "Write the adaptation into this audit log, whose lines are chained by hashes; made if it is missing (default: the audit.jsonl of the model's folder, where it keeps one).",
        };
        var work = new Option<DirectoryInfo?>("--work")
        {
            Description = "Folder for checkpoints: the same command goes on from there when it was stopped. Without it a stopped run begins anew.",
        };
        var licence = new Option<string?>("--licence") { Description = "Licence or terms of your tiles, for the card." };
        var forget = new Option<bool>("--no-rehearsal-file")
        {
            Description = "Do not keep crops of your tiles beside the model (MODEL.rehearsal.zip), by which a second adapting does not forget the first.",
        };
        var steps = RangedOption.Whole("--steps", "Optimiser steps of each run.", defaults.Steps, new(1, 100_000));
        var rate = RangedOption.Real("--rate", "Highest learning rate.", defaults.LearningRate, new(0, 0.1) { Above = true });
        var runs = RangedOption.WholeOrNone(
            "--runs",
            "Runs by which the model is judged, each without another part of the tiles; the model itself learns all (default: 3; under ten tiles 6, or one for each).",
            new(LeastRuns, MostRuns));
        var keep = RangedOption.RealOrNone(
            "--keep",
            "How much a change of the answers on known tissue counts against learning your tiles; 0 lets the model forget (default: 4, or less where the start is carried along).",
            new(0, 1000));
        var forAll = new Option<bool>("--for-all-slides")
        {
            Description =
                "The adapted weights shall segment all slides: they are held to the start's answers and learn less. Without it a model that knows its tissue carries the start, which segments what looks otherwise.",
        };
        var threads = RangedOption.Whole("--threads", "Threads.", ThreadCount.Available, new(1, ThreadCount.Most));
        var command = new Command(
            "adapt",
            "Fine-tunes a student on 5 to 50 labelled tiles of other tissue, in minutes on a CPU, without forgetting other tissue, and says whether it helped. Exit code 1: it did not, and no model was written.\n\nExamples:\n"
                + "  adapt tiles/ --mpp 0.25 --check\n"
                + "  adapt tiles/ --mpp 0.25 -o ours.onnx\n"
                + "  adapt tiles/ --mpp 0.25 --also-check old-tiles/=0.5 -o ours.onnx && hoverfast segment slides/ --model ours-int8.onnx -o results\n"
                + "  adapt --review results --slides slides/")
        {
            tiles,
            mpp,
            review,
            slides,
            who,
            model,
            output,
            overwrite,
            checkOnly,
            unlabelled,
            also,
            audit,
            work,
            licence,
            forget,
            steps,
            rate,
            runs,
            keep,
            forAll,
            threads,
            RehearsalCommand.Create(),
            AdaptCurveCommand.Create(),
        };
        command.Validators.Add(r =>
        {
            if (r.Children.OfType<CommandResult>().Any())
            {
                return;
            }

            if (r.GetResult(review) is not null)
            {
                RefuseBoth(r);
                return;
            }

            if (r.GetResult(tiles) is null || r.GetResult(mpp) is null)
            {
                r.AddError("Give the folder of labelled tiles and their pixel size with --mpp, or reviewed results with --review and --slides.");
            }

            if (r.GetResult(output) is null && !r.GetValue(checkOnly))
            {
                r.AddError("Give the model to write with -o MODEL.onnx (or look at the tiles alone with --check).");
            }
        });
        command.SetAction((parse, cancellation) => Task.FromResult(Failure.Guard(
            () => Run(parse, cancellation),
            parse.GetValue(work) is null ? "Nothing is kept; with --work FOLDER a stopped run can be gone on with." : null)));
        return command;

        void RefuseBoth(CommandResult r)
        {
            if (r.GetResult(slides) is null)
            {
                r.AddError("--review needs the slides: give their folder with --slides.");
            }

            if (r.GetResult(audit) is not null)
            {
                r.AddError("--log goes with TILES; with --review, the results' own logs have it.");
            }

            if (r.GetResult(tiles) is not null || r.GetResult(mpp) is not null || r.GetResult(output) is not null)
            {
                r.AddError(
                    "--review takes tiles and pixel size from the reviewed fields and puts the model into the registry beside the results; leave TILES, --mpp and -o out.");
            }
        }

        int Run(ParseResult parse, CancellationToken cancellation)
        {
            using var made = new ScratchFolder("review");
            var reviewed = parse.GetValue(review) is { } results
                ? new ReviewedTiles(results.FullName, parse.GetValue(slides)!, parse.GetValue(work)?.FullName ?? made.Path, parse.GetValue(model))
                : null;
            var folder = reviewed?.Folder ?? parse.GetRequiredValue(tiles)!.FullName;
            var pixelSize = reviewed?.Mpp ?? parse.GetValue(mpp)!.Value;
            var report = TileCheck.Run(folder, pixelSize, cancellation: cancellation);
            report.Write(Console.Out);
            report.WriteWarnings(Console.Error);
            if (parse.GetValue(checkOnly))
            {
                foreach (var error in report.Errors)
                {
                    Console.Error.WriteLine("error: " + error);
                }

                return report.Errors.Any() ? ExitCode.CannotStart : ExitCode.Success;
            }

            report.ThrowIfUnusable();
            var start = StartingModel.Load(StartingModel.Trainable(reviewed?.Start ?? parse.GetValue(model) ?? DefaultStart));
            var files = new AdaptedModelFiles(
                reviewed is null ? parse.GetRequiredValue(output)!.FullName : made.File(Path.Combine("candidate", ReviewedTiles.FileNameFor(start.Card.Name))));
            files.ThrowIfStart(start);
            files.ThrowIfTaken(parse.GetValue(overwrite));
            var written = reviewed is null ? AdaptationLog.Open(parse.GetValue(audit)?.FullName, files.Float32, parse.GetRequiredValue(who)) : null;
            LibTorch.Prepare(parse.GetValue(threads));
            using var scope = torch.NewDisposeScope();
            using var place = new WorkFolder(reviewed is null ? parse.GetValue(work)?.FullName : reviewed.Checkpoints);
            var job = new AdaptationJob(start, files, place, Console.Error)
            {
                Tiles = report,
                Licence = parse.GetValue(licence) ?? "",
                AlsoCheck = [.. (parse.GetValue(also) ?? []).Select(a => AlsoCheckSet.Parse(a, pixelSize, report))],
                Unlabelled = parse.GetValue(unlabelled) is { } more ? Jobs.SlideInputs.Expand([more.FullName]) : [],
                KeepCrops = !parse.GetValue(forget),
                TellsPlace = reviewed is null,
                Audit = written,
                Settings = defaults with
                {
                    Steps = parse.GetValue(steps),
                    LearningRate = parse.GetValue(rate),
                    Runs = parse.GetValue(runs),
                    Keep = parse.GetValue(keep),
                    ForAllSlides = parse.GetValue(forAll),
                    Threads = parse.GetValue(threads),
                },
            };
            if (!job.Run(Console.Out, cancellation))
            {
                return ExitCode.SomeFailed;
            }

            if (reviewed?.Register(files, job.Result!, start.Card.Name, parse.GetRequiredValue(who)) is { } candidate)
            {
                Console.WriteLine(
                    $"candidate: version {candidate.Version}. See {candidate.ReportPath}, then: hoverfast model promote {parse.GetValue(review)} {candidate.Version}");
            }

            return ExitCode.Success;
        }
    }

    private static Option<double?> MppOption() => RangedOption.RealOrNone("--mpp", "Pixel size of the tiles in um/px.", RangedOption.PixelSizes);
}
