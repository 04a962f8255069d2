using System.CommandLine;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Model.Networks;
using HoverFast.Model.Onnx;
using HoverFast.Slides;
using HoverFast.Training.Networks;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;

namespace HoverFast.Training.Commands;

/// <summary><c>bench</c>: measures a float network in libtorch, for <c>hoverfast bench --libtorch</c>.</summary>
internal static class BenchCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = new Argument<string>("MODEL")
        {
            Description = $"A float ONNX file, or {string.Join(" or ", FormulaModel.Names)}: the published networks with made-up weights.",
        };
        var input = new Option<FileInfo>("--input") { Description = "Slide or picture to run on.", Required = true };
        var mpp = RangedOption.GivenMpp();
        var threads = RangedOption.Whole("--threads", "Threads, each with a tile of its own.", Environment.ProcessorCount, new(1, 1024));
        var budget = RangedOption.Real("--budget", "Seconds after which no more tiles are begun.", 60, new(0, 1e6));
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures as JSON; else the rate is printed." };
        var command = new Command(
            "bench",
            "Measures a float network in libtorch, bfloat16, the whole way from the slide to GeoJSON.\n\nExample:\n  bench hoverfast-network-formula --input slide.svs")
        {
            model, input, mpp, threads, budget, json,
        };
        command.SetAction(
            (parse, cancellation) =>
                Task.FromResult(
                    Failure.Guard(() =>
                    {
                        LibTorch.Prepare(1);
                        var name = parse.GetRequiredValue(model);
                        var (graph, card) = Network(name);
                        using var loaded = new NucleusModel(new TorchRunner(graph, name, LibTorch.KnowsCaches), card, name);
                        var bench = new ModelBenchmark(
                            parse.GetRequiredValue(input).FullName,
                            parse.GetValue(mpp) is { } size ? new Mpp(size) : null,
                            parse.GetValue(threads),
                            parse.GetValue(budget),
                            ComputeDevice.Cpu);
                        var result = bench.RunAsync(loaded, name, cancellation).GetAwaiter().GetResult() with
                        {
                            Model = $"{Path.GetFileName(name)}, libtorch bf16",
                            Precision = "bfloat16",
                        };
                        if (parse.GetValue(json) is { } file)
                        {
                            PartialFile.WriteText(file.FullName, BenchmarkResult.ToJson([result]));
                        }
                        else
                        {
                            Console.Write(new BenchmarkTable([result]).ToMarkdown());
                        }
                    })));
        return command;
    }

    private static (OnnxGraph Graph, ModelCard Card) Network(string name)
    {
        if (FormulaModel.Names.Contains(name))
        {
            var (graph, card) = FormulaModel.Build(name, NetworkOutputs.Maps);
            return (graph, card with { Name = name, Kind = "formula", Sha256 = ModelCard.HashOf(graph.ToBytes()) });
        }

        var known = StartingModel.Load(name);
        return (OnnxGraph.Parse(known.Graph, known.Name), known.Card);
    }
}
