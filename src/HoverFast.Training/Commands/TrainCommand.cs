using System.CommandLine;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;

namespace HoverFast.Training.Commands;

/// <summary><c>train CONFIGURATION -o FOLDER</c>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var configuration = new Argument<FileInfo>("configuration")
        {
            Description = "The run as a JSON file (docs/training.md; its keys: docs/training-keys.md).",
        };
        var output = new Option<DirectoryInfo?>("--output", "-o")
        {
            Description = "Folder for checkpoints, metrics and sheets of labels. A folder with checkpoints is gone on with.",
        };
        var check = new Option<bool>("--check")
        {
            Description = "Only check tiles and labels, show them, and train nothing (sheets go to --output, or to the folder 'check').",
        };
        var command = new Command(
            "train",
            "Trains a network from labelled images.\n\nExamples:\n" +
            "  train training/drawn/student.json -o runs/drawn\n" +
            "  train training/student/labels.json --check          (only look at tiles and labels)")
        {
            configuration, output, check,
        };
        command.Validators.Add(r =>
        {
            if (r.GetValue(output) is null && !r.GetValue(check))
            {
                r.AddError("Give a folder for the run with -o FOLDER (or --check to look at the data alone).");
            }
        });
        command.SetAction((parse, cancellation) => Task.FromResult(Failure.Guard(() =>
        {
            var file = parse.GetRequiredValue(configuration);
            var run = TrainingConfiguration.Read(file.FullName);
            var only = parse.GetValue(check);
            var folder = parse.GetValue(output)?.FullName ?? Path.GetFullPath("check");
            if (only || !Trainer.IsBegun(folder))
            {
                RunCheck.Run(run.Train, run.Validate, file.DirectoryName!, folder, everyTile: only, Console.Out, cancellation);
            }

            if (only)
            {
                return;
            }

                        LibTorch.Prepare(run.Threads);
                        using var trainer = new Trainer(run, file.DirectoryName!, folder, Console.Out);
                        trainer.Run(cancellation);
                        Console.WriteLine(
                            $"trained. Write the model with: hoverfast export {file} {Path.Combine(folder, Trainer.BestFile)} -o MODEL.onnx --int8 MODEL-int8.onnx");
                    })));
        return command;
    }
}
