using System.CommandLine;
using HoverFast.Model;
using HoverFast.Model.Quantization;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Export;
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
        var bytes = new Option<FileInfo?>("--int8") { Description = "Also write the network in 8-bit integers, calibrated on the training sets." };
        var command = new Command("export", "Writes trained weights as a model: ONNX graph and card, scored on the validation sets.") { configuration, weights, output, bytes };
        command.SetAction((parse, _) => Task.FromResult(Failure.Guard(() =>
        {
            var file = parse.GetRequiredValue(configuration);
            var run = TrainingConfiguration.Read(file.FullName);
            LibTorch.Prepare(run.Threads);
            Export(run, file.DirectoryName!, parse.GetRequiredValue(weights).FullName, parse.GetRequiredValue(output).FullName, parse.GetValue(bytes)?.FullName);
        })));
        return command;
    }

    private static void Export(TrainingConfiguration run, string baseFolder, string weightsPath, string modelPath, string? integerPath)
    {
        using var scope = torch.NewDisposeScope();
        var (weights, _) = TensorFile.Read(weightsPath);
        var graph = StudentExporter.Graph(weights, run.Network, run.Name);
        var workingMpp = new Mpp(run.WorkingMpp);
        var sets = run.Validate.Select(s => DataSet.Load(s, baseFolder)).ToList();
        var validation = new Validation(sets, workingMpp);
        Console.WriteLine(StudentExporter.Write(graph, "float32", run, baseFolder, modelPath, Score).ToJson());
        if (integerPath is not null)
        {
            var quantised = StudentQuantizer.Quantize(graph, CalibrationTiles(run, baseFolder));
            Console.WriteLine(StudentExporter.Write(quantised, "int8", run, baseFolder, integerPath, Score).ToJson());
        }

        IReadOnlyList<ModelCard.Score> Score(NucleusModel model) =>
            [.. validation.Score(model).Select((s, i) => new ModelCard.Score(s.Set, sets[i].Images.Count, Math.Round(s.Pq, 4), Math.Round(s.Aji, 4), Math.Round(s.Dice, 4)))];
    }

    // Crops as in training, but in their own colours and scale: what the network will meet.
    private static List<RgbImage> CalibrationTiles(TrainingConfiguration run, string baseFolder)
    {
        const int tiles = 48;
        var sets = run.Train.Select(s => DataSet.Load(s, baseFolder)).ToList();
        var plain = new Augmentation { MinScale = 0.9, MaxScale = 1.1, PlainShare = 1 };
        var sampler = new CropSampler(sets, plain, run.Seed, run.CropSize, run.Network.OutputStride, new Mpp(run.WorkingMpp), gapWeight: 0);
        return [.. Enumerable.Range(0, tiles).Select(n =>
        {
            var crop = sampler.Draw(n);
            return new RgbImage(crop.Size, crop.Size, Array.ConvertAll(crop.Rgb, v => (byte)MathF.Round(v * 255)));
        })];
    }
}
