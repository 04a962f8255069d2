using System.CommandLine;
using HoverFast.Cli.Measuring;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Model.Networks;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Synthetic;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast bench</c>: models side by side on the same tissue, each the whole way from file to GeoJSON.</summary>
internal static class BenchCommand
{
    private static readonly PixelSize _drawnSize = new(8192, 8192);
    private static readonly PixelSize _realSize = new(12_000, 10_000);

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var models = new Argument<string[]>("MODEL")
        {
            Description = $"Built-in models, ONNX files, or checkpoints of HoverFast or HoVer-Net; {string.Join(" and ", FormulaModel.Names)} are the published networks with made-up weights. Left out: the default model and those two.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var input = new Option<FileInfo?>("--input") { Description = $"Slide or picture to run on; without it and --tiles, a slide of {_drawnSize} pixels is drawn." };
        var tiles = new Option<DirectoryInfo?>("--tiles") { Description = $"Build a slide of {_realSize} pixels from the pictures of real tissue in this folder." };
        var mpp = new Option<double?>("--mpp") { Description = "Pixel size of the input in um/px, where the file states none." };
        var threads = new Option<int>("--threads") { Description = "Threads.", DefaultValueFactory = _ => ThreadCount.Available };
        var budget = new Option<double>("--budget") { Description = "Seconds after which a model begins no more tiles; its rate is then that of the part it has done.", DefaultValueFactory = _ => 60 };
        var device = ModelCommand.DeviceOption();
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures as JSON too." };
        var picture = new Option<FileInfo?>("--picture") { Description = "Draw the rates as bars, as SVG." };
        var markdown = new Option<bool>("--markdown") { Description = "Print the table in Markdown." };
        var here = new Option<bool>("--in-this-process") { Description = "Measure in this process; the memory is then that of all models together." };
        budget.Validators.Add(r =>
        {
            if (!(r.GetValueOrDefault<double>() >= 0))
            {
                r.AddError("--budget is a number of seconds.");
            }
        });
        var command = new Command("bench", "Measure models on the same tissue, end to end: mm2/s, Mpx/s, CPU seconds, peak memory, time per stage.")
        {
            models, input, tiles, mpp, threads, budget, device, json, picture, markdown, here,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = Directory.CreateTempSubdirectory("hoverfast-bench-");
            try
            {
                var slide = parsed.GetValue(input)?.FullName ?? MakeSlide(folder.FullName, parsed.GetValue(tiles)?.FullName);
                var bench = new ModelBench(slide, parsed.GetValue(mpp), Math.Max(1, parsed.GetValue(threads)), parsed.GetValue(budget), parsed.GetValue(device)!);
                var names = parsed.GetValue(models) is { Length: > 0 } given ? given : [NucleusModel.DefaultFor(ExecutionProviders.Parse(bench.Device)), .. FormulaModel.Names];
                var results = new List<BenchResult>();
                foreach (var name in names)
                {
                    results.Add(parsed.GetValue(here) ? await bench.RunAsync(name, cancellation) : await bench.RunApartAsync(name, cancellation));
                }

                await WriteAsync(new BenchReport(results), results, parsed.GetValue(markdown), parsed.GetValue(json), parsed.GetValue(picture), cancellation);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    private static string MakeSlide(string folder, string? tiles)
    {
        var path = Path.Combine(folder, "bench.svs");
        SyntheticSlide.Write(path, new SyntheticSlideOptions { Size = tiles is null ? _drawnSize : _realSize, TissueFraction = tiles is null ? 1 : 0.95, RealTiles = tiles });
        return path;
    }

    private static async Task WriteAsync(BenchReport report, IReadOnlyList<BenchResult> results, bool markdown, FileInfo? json, FileInfo? picture, CancellationToken cancellation)
    {
        if (markdown)
        {
            Console.Write(report.ToMarkdown());
        }
        else
        {
            HoverFastCommand.Screen.Write(report.ToTable());
            HoverFastCommand.Screen.WriteLine(report.Footnote());
        }

        if (json is not null)
        {
            PartialFile.WriteText(json.FullName, BenchResult.ToJson(results));
        }

        if (picture is not null)
        {
            PartialFile.WriteText(picture.FullName, report.ToSvg());
        }
    }
}
