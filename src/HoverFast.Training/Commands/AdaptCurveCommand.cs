using System.CommandLine;
using HoverFast.Pipeline;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Torch;

namespace HoverFast.Training.Commands;

/// <summary><c>adapt curve</c>: what adapting gives against the number of tiles, on own tissue and on other.</summary>
internal static class AdaptCurveCommand
{
    public static Command Create()
    {
        var configuration = new Argument<FileInfo>("CONFIGURATION") { Description = "What to measure (benchmarks/adapt-curve.json)." };
        var output = new Option<DirectoryInfo>("--output", "-o")
        {
            Description = "Folder for curve.csv, curve.md and curve.png, written after each model. What is in curve.csv is not measured again.",
            Required = true,
        };
        var threads = new Option<int>("--threads") { Description = "Threads.", DefaultValueFactory = _ => ThreadCount.Available };
        var command = new Command(
            "curve",
            "Measures adapting: PQ on own and on other tissue against the number of labelled tiles, as a table and a picture. Hours.")
        {
            configuration,
            output,
            threads,
        };
        command.SetAction(
            (parse, cancellation) =>
                Task.FromResult(
                    Failure.Guard(() =>
                    {
                        LibTorch.Prepare(Math.Max(1, parse.GetValue(threads)));
                        var folder = parse.GetRequiredValue(output).FullName;
                        var curve = new AdaptationCurve(
                            CurveConfiguration.Read(parse.GetRequiredValue(configuration).FullName),
                            folder,
                            Math.Max(1, parse.GetValue(threads)),
                            Console.Error);
                        Console.Write(CurveTable.Markdown(curve.Measure(cancellation)));
                    })));
        return command;
    }
}
