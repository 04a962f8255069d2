using System.CommandLine;
using HoverFast.Training.Export;
using HoverFast.Training.Torch;
using HoverFast.Training.Optimisation;
using TorchSharp;

namespace HoverFast.Training.Commands;

/// <summary><c>export CONFIGURATION WEIGHTS... -o MODEL.onnx</c>.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var configuration = new Argument<FileInfo>("configuration") { Description = "The run that made the weights." };
        var weights = new Argument<FileInfo[]>("weights")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "best.safetensors of the run, or last.safetensors for its end. Those of several runs from one start are averaged. Example: export training/student/labels.json runs/a/last.safetensors runs/b/last.safetensors -o mean.onnx",
        };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The model to write; its card goes beside it.", Required = true };
        var bytes = new Option<FileInfo?>("--int8") { Description = "Also write the network in 8-bit integers, calibrated on the training sets." };
        var command = new Command("export", "Writes trained weights as a model: ONNX graph and card, scored on the validation sets.") { configuration, weights, output, bytes };
        command.SetAction((parse, _) => Task.FromResult(Failure.Guard(() =>
        {
            var file = parse.GetRequiredValue(configuration);
            var run = TrainingConfiguration.Read(file.FullName);
            LibTorch.Prepare(run.Threads);
            Export(run, file.DirectoryName!, [.. parse.GetRequiredValue(weights).Select(w => w.FullName)], parse.GetRequiredValue(output).FullName, parse.GetValue(bytes)?.FullName);
        })));
        return command;
    }

    private static void Export(TrainingConfiguration run, string baseFolder, string[] weightsPaths, string modelPath, string? integerPath)
    {
        using var scope = torch.NewDisposeScope();
        var models = new ExportedModels(modelPath, integerPath);
        foreach (var card in models.Write(run, baseFolder, TrainedWeights.Read(weightsPaths), basis: null))
        {
            Console.WriteLine(card.ToJson());
        }
    }
}
