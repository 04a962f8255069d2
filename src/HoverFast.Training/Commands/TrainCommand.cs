using System.CommandLine;
using HoverFast.Training.Torch;
using HoverFast.Training.Optimisation;

namespace HoverFast.Training.Commands;

/// <summary><c>train CONFIGURATION -o FOLDER</c>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var configuration = new Argument<FileInfo>("configuration") { Description = "The run as a JSON file (see training/ in the repository)." };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "Folder for checkpoints, metrics and the model. A folder with checkpoints is gone on with.", Required = true };
        var command = new Command("train", "Trains a network from labelled images. Example: train training/student/labels.json -o runs/labels") { configuration, output };
        command.SetAction((parse, cancellation) => Task.FromResult(Failure.Guard(() =>
        {
            var file = parse.GetRequiredValue(configuration);
            var run = TrainingConfiguration.Read(file.FullName);
            LibTorch.Prepare(run.Threads);
            using var trainer = new Trainer(run, file.DirectoryName!, parse.GetRequiredValue(output).FullName, Console.Out);
            trainer.Run(cancellation);
        })));
        return command;
    }
}
