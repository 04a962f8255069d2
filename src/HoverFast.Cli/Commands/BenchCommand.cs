using System.CommandLine;
using System.Globalization;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Model;
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
            Description =
                $"Built-in models, ONNX files, or checkpoints of HoverFast or HoVer-Net; {string.Join(" and ", ModelCatalog.FormulaModels)} are the published networks with made-up weights. Left out: the default model and those two.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var input = new Option<FileInfo[]>("--input")
        {
            Description =
                $"Slide or picture to run on, for example an ordinary slide beside the dense tissue of --tiles; repeatable. Without it and --tiles, a slide of {_drawnSize} pixels is drawn.",
        };
        var tiles = new Option<DirectoryInfo?>("--tiles")
        {
            Description = $"Build a slide of {_realSize} pixels from the pictures of real tissue in this folder.",
        };
        var mpp = CalibrationOptions.GivenMpp();
        var threads = NumberOption.Whole("--threads", "Threads.", ThreadCount.Available, 1, ThreadCount.Most);
        var budget = NumberOption.Real(
            "--budget",
            "Seconds after which a model begins no more tiles; its rate is then that of the part it has done.",
            60,
            0,
            1e6);
        var device = ModelOptions.Device();
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures as JSON too." };
        var picture = new Option<FileInfo?>("--picture") { Description = "Draw the rates as bars, as SVG." };
        var markdown = new Option<bool>("--markdown") { Description = "Print the table in Markdown." };
        var libtorch = new Option<bool>("--libtorch")
        {
            Description =
                "Measure float networks in libtorch, bfloat16, too (runs hoverfast-train): the fastest for HoverFast's and HoVer-Net's on processors that compute in it.",
        };
        var here = new Option<bool>("--in-this-process") { Description = "Measure in this process; the memory is then that of all models together." };
        var command = new Command("bench", "Measure models on the same tissue, end to end: mm2/s of tissue and of slide, Mpx/s, CPU seconds, energy, peak memory, time per stage.")
        {
            models, input, tiles, mpp, threads, budget, device, json, picture, markdown, libtorch, here,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var folder = new ScratchFolder("bench");
            List<string> slides = [.. (parsed.GetValue(input) ?? []).Select(f => f.FullName)];
            if (slides.Count == 0 || parsed.GetValue(tiles) is not null)
            {
                slides.Insert(0, MakeSlide(folder.Path, parsed.GetValue(tiles)?.FullName));
            }

            var provider = ExecutionProviders.Parse(parsed.GetValue(device)!);
            var names = parsed.GetValue(models) is { Length: > 0 } given ? given : [NucleusModel.DefaultFor(provider), .. ModelCatalog.FormulaModels];
            var results = new List<BenchmarkResult>();
            foreach (var slide in slides)
            {
                var bench = new ModelBenchmark(
                    slide,
                    parsed.GetValue(mpp) is { } value ? new Mpp(value) : null,
                    parsed.GetValue(threads),
                    parsed.GetValue(budget),
                    provider);
                foreach (var name in names)
                {
                    results.Add(parsed.GetValue(here) ? await bench.RunAsync(name, cancellation) : await RunApartAsync(bench, name, apart: null, cancellation));
                    if (parsed.GetValue(libtorch) && results[^1].Precision != "int8")
                    {
                        results.Add(await RunApartAsync(bench, name, HandedOverCommands.Training, cancellation));
                    }
                }
            }

            Write(new BenchmarkTable(results), results, parsed.GetValue(markdown), parsed.GetValue(json), parsed.GetValue(picture));
        });
        return command;
    }

    private static string MakeSlide(string folder, string? tiles)
    {
        var path = Path.Combine(folder, tiles is null ? "drawn-tissue.svs" : "dense-tissue.svs");
        SyntheticSlide.Write(
            path,
            new SyntheticSlideOptions
            {
                Size = tiles is null ? _drawnSize : _realSize,
                TissueFraction = tiles is null ? 1 : 0.95,
                RealTiles = tiles,
            });
        return path;
    }

    /// <summary>Measures in a process of its own, so that its memory is this model's alone; of another program, where one is given.</summary>
    private static async Task<BenchmarkResult> RunApartAsync(ModelBenchmark bench, string name, CompanionProgram? apart, CancellationToken cancellation)
    {
        using var folder = new ScratchFolder("bench");
        var json = folder.File("bench.json");
        string[] arguments =
        [
            "bench", name, "--input", bench.Slide, "--json", json,
            "--threads", bench.Threads.ToString(CultureInfo.InvariantCulture), "--budget", bench.BudgetSeconds.ToString(CultureInfo.InvariantCulture),
            .. bench.Mpp is { } mpp ? (string[])["--mpp", mpp.MicronsPerPixel.ToString("R", CultureInfo.InvariantCulture)] : [],
        ];
        if (apart is null)
        {
            await OwnProcess.RunAsync([.. arguments, "--in-this-process", "--device", ExecutionProviders.NameOf(bench.Device)], folder.Path, cancellation);
        }
        else if (await apart.RunAsync(arguments, "bench --libtorch", "Measures a network in libtorch.", cancellation) is not ExitCode.Success and var code)
        {
            throw new IOException($"{apart.Name} could not measure {name} (exit code {code}).");
        }

        return BenchmarkResult.Parse(await File.ReadAllTextAsync(json, cancellation)).Single();
    }

    private static void Write(BenchmarkTable report, IReadOnlyList<BenchmarkResult> results, bool markdown, FileInfo? json, FileInfo? picture)
    {
        if (markdown)
        {
            Console.Write(report.ToMarkdown());
        }
        else
        {
            // Lying on its side: terminals aren't as wide as there are figures.
            var rows = report.Rows.ToList();
            var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn(BenchmarkTable.Columns[0]).NoWrap());
            foreach (var row in rows)
            {
                table.AddColumn(new TableColumn(Markup.Escape(row[0])).RightAligned());
            }

            foreach (var (figure, title) in BenchmarkTable.Columns.Index().Skip(1))
            {
                table.AddRow([new Text(title), .. rows.Select(row => new Text(row[figure]))]);
            }

            Screen.Out.Write(table);
            Screen.Out.WriteLine(report.Footnote());
        }

        if (json is not null)
        {
            PartialFile.WriteText(json.FullName, BenchmarkResult.ToJson(results));
        }

        if (picture is not null)
        {
            PartialFile.WriteText(picture.FullName, report.ToSvg());
        }
    }
}
