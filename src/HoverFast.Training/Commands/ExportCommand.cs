using System.CommandLine;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Export;
using HoverFast.Training.Networks;
using HoverFast.Training.Torch;
using HoverFast.Training.Training;
using TorchSharp;

namespace HoverFast.Training.Commands;

/// <summary><c>export CONFIGURATION WEIGHTS -o MODEL.onnx</c>.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var configuration = new Argument<FileInfo>("configuration") { Description = "The run that made the weights." };
        var weights = new Argument<FileInfo>("weights") { Description = "best.safetensors of the run." };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The model to write; its card goes beside it.", Required = true };
        var command = new Command("export", "Writes trained weights as a model: ONNX graph and card, scored on the validation sets.") { configuration, weights, output };
        command.SetAction((parse, _) => Task.FromResult(Failure.Guard(() =>
        {
            var file = parse.GetRequiredValue(configuration);
            var run = TrainingConfiguration.Read(file.FullName);
            LibTorch.Prepare(run.Threads);
            Export(run, file.DirectoryName!, parse.GetRequiredValue(weights).FullName, parse.GetRequiredValue(output).FullName);
        })));
        return command;
    }

    private static void Export(TrainingConfiguration run, string baseFolder, string weightsPath, string modelPath)
    {
        using var scope = torch.NewDisposeScope();
        var (weights, _) = TensorFile.Read(weightsPath);
        using var network = new UNet(run.Network, run.Seed, bfloat16: false, torch.CPU);
        network.Load(weights);
        var sets = run.Validate.Select(s => DataSet.Load(s, baseFolder)).ToList();
        var scores = new Validation(sets, new Mpp(run.WorkingMpp)).Score(network)
            .Select((s, i) => new ModelCard.Score(s.Set, sets[i].Images.Count, Round(s.Pq), Round(s.Aji), Round(s.Dice))).ToList();
        var card = StudentExporter.Export(weights, run, baseFolder, modelPath, Path.GetFileNameWithoutExtension(modelPath), scores);
        Console.WriteLine(card.ToJson());

        static double Round(double value) => Math.Round(value, 4);
    }
}
