using System.CommandLine;
using HoverFast.Model;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Export;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using HoverFast.Training.Trust;
using TorchSharp;

namespace HoverFast.Training.Commands;

/// <summary><c>export CONFIGURATION WEIGHTS... -o MODEL.onnx</c>.</summary>
internal static class ExportCommand
{
    private const string FloatSuffix = "-float32";

    public static Command Create()
    {
        var configuration = new Argument<FileInfo>("configuration") { Description = "The run that made the weights." };
        var weights = new Argument<FileInfo[]>("weights")
        {
            Arity = ArgumentArity.OneOrMore,
            Description =
                "best.safetensors of the run, or last.safetensors for its end. Those of several runs from one start are averaged. Example: export training/student/labels.json runs/a/last.safetensors runs/b/last.safetensors -o mean.onnx",
        };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The model to write; its card goes beside it.", Required = true };
        var bytes = new Option<FileInfo?>("--int8") { Description = "Also write the network in 8-bit integers, calibrated on the training sets." };
        var twin = new Option<string?>("--int8-from")
        {
            Description =
                "For runs that learn types alone: the 8-bit model whose outlines stay (default: the twin of the built-in model that the run began with).",
        };
        var share = RangedOption.Real(
            "--share",
            "How far to go from the model that the run began with to its end: below 1, the mean of both weights. Often better on tissue that neither learned.",
            1,
            new(0.01, 2));
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace models that lie there already." };
        var shipping = new Option<bool>("--for-shipping")
        {
            Description = "Refuse weights that owe something to data whose licence is unknown or forbids commercial use.",
        };
        var command = new Command("export", "Writes trained weights as a model: ONNX graph and card, scored on the validation sets.")
        {
            configuration,
            weights,
            output,
            bytes,
            twin,
            share,
            overwrite,
            shipping,
        };
        command.SetAction(
            (parse, _) =>
                Task.FromResult(
                    Failure.Guard(() =>
                    {
                        var file = parse.GetRequiredValue(configuration);
                        var run = TrainingConfiguration.Read(file.FullName);
                        var paths = new[] { parse.GetRequiredValue(output).FullName, parse.GetValue(bytes)?.FullName };
                        foreach (var path in paths.OfType<string>())
                        {
                            ModelOutput.Check(path, parse.GetValue(overwrite));
                        }

                        // a.onnx and a.ONNX would share a card.
                        if (paths[1] is { } integer && ModelCard.PathFor(integer) == ModelCard.PathFor(paths[0]!))
                        {
                            throw new TrainingException(integer, "--output and --int8 name the same model; give each a name of its own.");
                        }

            InputPaths.MustExist(parse.GetRequiredValue(weights).Select(w => w.FullName));
            if (parse.GetValue(shipping))
            {
                Shipping.Check(DataOfRun.Of(run, file.DirectoryName!, basis: null), file.FullName);
            }

            var trunk = run.LearnsTypesAlone && paths[1] is not null ? parse.GetValue(twin) ?? TwinOf(run.StartFrom!) : null;
            if (parse.GetValue(share) != 1 && (run.LearnsTypesAlone || !StartingWeights.IsModel(run.StartFrom)))
            {
                throw new TrainingException(file.FullName, "--share: the run must begin with an exported float32 model (startFrom), and learn outlines.");
            }

            LibTorch.Prepare(run.Threads);
            Export(run, file.DirectoryName!, [.. parse.GetRequiredValue(weights).Select(w => w.FullName)], paths[0]!, paths[1], trunk, parse.GetValue(share));
        })));
        return command;
    }

    private static void Export(
        TrainingConfiguration run,
        string baseFolder,
        string[] weightsPaths,
        string modelPath,
        string? integerPath,
        string? integerStart,
        double share)
    {
        using var scope = torch.NewDisposeScope();
        var models = new ExportedModels(modelPath, integerPath);
        var weights = TrainedWeights.Read(weightsPaths);
        if (share != 1)
        {
            // Both with batch norm folded in, as the start's statistics are no longer known.
            var start = StartingModel.Load(StartingModel.Place(run.StartFrom!, baseFolder));
            var graph = StudentExporter.Graph(weights, run.Network, run.Name).ToBytes();
            var end = StartingWeights.OfModel(graph, start.Card with { Network = run.Network }, modelPath);
            weights = WeightMix.Of(StartingWeights.OfModel(start.Graph, start.Card, start.Name), end, share);
        }

        foreach (var card in run.LearnsTypesAlone
            ? models.WriteTyped(run, baseFolder, weights, integerStart, static (model, sets) => TypeContextFit.Of(model, sets))
            : models.Write(run, baseFolder, weights, basis: null))
        {
            Console.WriteLine(card.ToJson());
        }
    }

    private static string TwinOf(string start) =>
        start.EndsWith(FloatSuffix, StringComparison.Ordinal) && NucleusModel.BuiltIn.Contains(start[..^FloatSuffix.Length])
            ? start[..^FloatSuffix.Length]
            : throw new TrainingException(start, "which 8-bit model is its twin? Name it with --int8-from.");
}
