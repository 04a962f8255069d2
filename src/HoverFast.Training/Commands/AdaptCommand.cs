using System.CommandLine;
using System.Globalization;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Training.Data;
using HoverFast.Training.Distillation;
using HoverFast.Training.Export;
using HoverFast.Training.Torch;
using HoverFast.Training.Optimisation;
using TorchSharp;

namespace HoverFast.Training.Commands;

/// <summary><c>adapt</c>: a student learns the tissue of a new laboratory from a few labelled tiles.</summary>
internal static class AdaptCommand
{
    public static Command Create()
    {
        var tiles = new Argument<DirectoryInfo>("TILES") { Description = "Folder with images/ and labels/ (label images, or GeoJSON from QuPath, of the same names). Every nucleus of a tile must be labelled." };
        var mpp = new Option<double>("--mpp") { Description = "Pixel size of the tiles in um/px.", Required = true };
        var model = new Option<string>("--model") { Description = "The float32 student to start from.", DefaultValueFactory = _ => "hoverfast-he-float32" };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The model to write, float32 (MODEL.onnx); MODEL-int8.onnx goes beside it.", Required = true };
        var unlabelled = new Option<DirectoryInfo?>("--unlabelled") { Description = "Folder of unlabelled tiles of the same tissue and pixel size: the student's own averaged answers to them are learned too." };
        var held = new Option<double>("--held-out") { Description = "Share of the tiles kept to judge by (at least one).", DefaultValueFactory = _ => 0.25 };
        var steps = new Option<int>("--steps") { Description = "Most optimiser steps; it ends earlier when the held-out tiles get no better.", DefaultValueFactory = _ => 600 };
        var rate = new Option<double>("--rate") { Description = "Highest learning rate.", DefaultValueFactory = _ => 5e-4 };
        var threads = new Option<int>("--threads") { Description = "Threads.", DefaultValueFactory = _ => Pipeline.ThreadCount.Available };
        var command = new Command(
            "adapt",
            "Fine-tunes a student on 5 to 50 labelled tiles of other tissue, in minutes on a CPU, and says whether it helped.\n\nExamples:\n" +
            "  adapt tiles/ --mpp 0.25 -o ours.onnx\n" +
            "  adapt tiles/ --mpp 0.25 --unlabelled more/ -o ours.onnx && hoverfast segment slides/ --model ours-int8.onnx -o results")
        {
            tiles, mpp, model, output, unlabelled, held, steps, rate, threads,
        };
        command.SetAction((parse, cancellation) => Task.FromResult(Failure.Guard(() =>
        {
            LibTorch.Prepare(Math.Max(1, parse.GetValue(threads)));
            using var work = new WorkFolder();
            using var scope = torch.NewDisposeScope();
            var start = StartingModel.Load(parse.GetRequiredValue(model));
            var run = Plan(parse.GetRequiredValue(tiles).FullName, parse.GetRequiredValue(mpp), parse.GetValue(held), start) with
            {
                Name = Path.GetFileNameWithoutExtension(parse.GetRequiredValue(output).Name),
                Steps = parse.GetValue(steps),
                LearningRate = parse.GetValue(rate),
                Threads = Math.Max(1, parse.GetValue(threads)),
            };
            if (parse.GetValue(unlabelled) is { } folder)
            {
                run = run with { Train = [.. run.Train, PseudoLabels(folder.FullName, work.Path, parse.GetRequiredValue(model), parse.GetRequiredValue(mpp), run.Threads, cancellation)] };
            }

            Adapt(run, start, work.Path, parse.GetRequiredValue(output).FullName, cancellation);
        })));
        return command;
    }

    // Every n-th tile by name is held out, so that the choice does not depend on chance.
    private static TrainingConfiguration Plan(string folder, double mpp, double share, StartingModel start)
    {
        var all = DataSet.Load(new DataSetConfiguration { Name = "tiles", Folder = folder, Mpp = mpp }, "/").Images.Select(i => i.Name).ToList();
        if (all.Count < 2)
        {
            throw new InvalidDataException($"{folder}: adapting needs at least two labelled tiles, one to learn from and one to judge by; five and more are better.");
        }

        var count = Math.Clamp((int)Math.Round(all.Count * share), 1, all.Count - 1);
        var held = Enumerable.Range(0, count).Select(i => all[(int)((i + 0.5) * all.Count / count)]).ToList();
        return new TrainingConfiguration
        {
            Name = "adapted",
            WorkingMpp = start.Card.Mpp,
            Network = start.Card.Network!,
            Train = [new DataSetConfiguration { Name = "tiles", Folder = folder, Mpp = mpp, Only = [.. all.Except(held)], Licence = "the user's" }],
            Validate = [new DataSetConfiguration { Name = "held-out", Folder = folder, Mpp = mpp, Only = held, Licence = "the user's" }],
            Batch = 8,
            WarmUp = 20,
            ValidateEvery = 40,
            Patience = 5,
            AverageDecay = 0.98,
            FreezeNorm = true,
            Augmentation = new Augmentation { MinScale = 0.8, MaxScale = 1.25, Stain = 0.15, StainShift = 0.03, Contrast = 0.1, ColourCast = 0.03, Gamma = 0.1 },
        };
    }

    private static DataSetConfiguration PseudoLabels(string folder, string work, string model, double mpp, int threads, CancellationToken cancellation)
    {
        var path = Path.Combine(work, "unlabelled");
        using var teacher = new Teacher([ModelCatalog.Load(model)], views: 8);
        var settings = new TeachingSettings { TestShare = 0, Threads = threads, Calibrator = new SlideCalibrator { Stated = new Mpp(mpp) } };
        new TeachingSet(path, teacher, settings, Console.Error).LabelSlides([.. Jobs.SlideInputs.Expand([folder]).Select(i => i.Path)], cancellation);
        return new DataSetConfiguration { Name = "unlabelled", Folder = Path.Combine(path, "train"), Mpp = teacher.Mpp.MicronsPerPixel, Weight = 0.5, Mix = 1, Licence = "the user's" };
    }

    private static void Adapt(TrainingConfiguration run, StartingModel start, string work, string output, CancellationToken cancellation)
    {
        var weights = StartingWeights.OfModel(start.Graph, start.Card, start.Name);
        var validation = new Validation([.. run.Validate.Select(s => DataSet.Load(s, "/"))], new Mpp(run.WorkingMpp));
        SetScore before;
        using (var network = new Networks.UNet(run.Network, run.Seed, bfloat16: false, torch.CPU))
        {
            network.Load(weights);
            before = validation.Score(network)[0];
        }

        var folder = Path.Combine(work, "run");
        using (var trainer = new Trainer(run, "/", folder, Console.Error, weights))
        {
            trainer.Run(cancellation);
            if (trainer.Best <= before.Pq)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The held-out tiles got no better: PQ {before.Pq:0.000} before, {trainer.Best:0.000} at best after. No model is written; keep {start.Name}, or label more tiles."));
                return;
            }
        }

        var models = new ExportedModels(output, Path.Combine(Path.GetDirectoryName(output)!, Path.GetFileNameWithoutExtension(output) + "-int8.onnx"));
        var (best, _) = TensorFile.Read(Path.Combine(folder, "best.safetensors"));
        var cards = models.Write(run, "/", best, start.Card);
        Console.WriteLine($"{run.Validate[0].Only!.Count} held-out tiles     PQ     AJI    Dice");
        Row("before", before.Pq, before.Aji, before.Dice);
        foreach (var card in cards)
        {
            Row("after, " + card.Precision, card.Scores[0].Pq, card.Scores[0].Aji, card.Scores[0].Dice);
        }

        Console.WriteLine($"written: {models.Float32Path}, {models.IntegerPath}");

        static void Row(string name, double pq, double aji, double dice) =>
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-18} {pq,6:0.000}  {aji,6:0.000}  {dice,6:0.000}"));
    }

    /// <summary>A folder that is gone afterwards.</summary>
    private sealed class WorkFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("hoverfast-adapt-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
