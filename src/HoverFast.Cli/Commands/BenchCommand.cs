using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast bench</c>: models side by side on the same tissue, each the whole way from file to GeoJSON.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var models = new Argument<string[]>("MODEL") { Description = "Built-in models, ONNX files, or checkpoints of HoverFast or HoVer-Net; the default model if left out.", Arity = ArgumentArity.ZeroOrMore };
        var input = new Option<FileInfo?>("--input") { Description = "Slide or picture to run on; without it tissue is drawn (1 mm2)." };
        var mpp = new Option<double?>("--mpp") { Description = "Pixel size of the input in um/px, where the file states none." };
        var threads = new Option<int>("--threads") { Description = "Threads.", DefaultValueFactory = _ => ThreadCount.Available };
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures as JSON too." };
        var command = new Command("bench", "Measure models on the same tissue, end to end: mm2/s, Mpx/s, CPU seconds, peak memory, time per stage.") { models, input, mpp, threads, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = Directory.CreateTempSubdirectory("hoverfast-bench-");
            try
            {
                var path = parsed.GetValue(input)?.FullName;
                Mpp? stated = parsed.GetValue(mpp) is { } value ? new Mpp(value) : null;
                if (path is null)
                {
                    path = Path.Combine(folder.FullName, "drawn.png");
                    SampleCommand.Draw(path, 4000, 1);
                    stated = SampleCommand.SampleMpp;
                }

                var names = parsed.GetValue(models) is { Length: > 0 } given ? given : [Model.NucleusModel.DefaultName];
                var results = new List<Result>();
                foreach (var name in names)
                {
                    results.Add(await Measure(name, path, stated, Math.Max(1, parsed.GetValue(threads)), folder.FullName, cancellation));
                }

                Print(results);
                if (parsed.GetValue(json) is { } file)
                {
                    await File.WriteAllTextAsync(file.FullName, ToJson(results).ToJsonString(_json), cancellation);
                }
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    private static async Task<Result> Measure(string name, string path, Mpp? mpp, int threads, string folder, CancellationToken cancellation)
    {
        using var model = ModelCommand.Load(name);
        var segmenter = new SlideSegmenter(model, new SegmentSettings { Threads = threads }, new SlideCalibrator { Stated = mpp });
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var report = await segmenter.SegmentAsync(
            path,
            null,
            context => [new NucleusWriter([new GeoJsonOutput(Path.Combine(folder, "bench.geojson.gz"), [])], Convert.FromHexString(context.Key))],
            cancellation: cancellation);
        process.Refresh();
        return new Result(name, report!, (process.TotalProcessorTime - before).TotalSeconds);
    }

    private static void Print(List<Result> results)
    {
        var slowest = results.Min(r => r.Report.AreaPerSecond);
        var table = new Table().Border(TableBorder.Simple).AddColumns("model", "mm2/s", "Mpx/s", "seconds", "CPU s", "nuclei", "peak MiB", "times the slowest", "read", "infer", "find", "measure", "write");
        foreach (var (name, r, cpu) in results)
        {
            var all = Math.Max(1e-9, r.StageSeconds.Values.Sum());
            table.AddRow([
                Markup.Escape(Path.GetFileName(name)), $"{r.AreaPerSecond:0.000}", $"{r.MegapixelsPerSecond:0.0}", $"{r.Seconds:0.0}", $"{cpu:0.0}", $"{r.Nuclei}", $"{r.PeakMemory / 1048576.0:0}",
                $"{r.AreaPerSecond / Math.Max(slowest, 1e-9):0.0}", .. Enum.GetValues<Stage>().Select(s => $"{r.StageSeconds[s] / all * 100:0} %")]);
        }

        HoverFastCommand.Screen.Write(table);
        HoverFastCommand.Screen.WriteLine("peak memory is the process's so far: put the smallest model first, or measure one model a run");
    }

    private static JsonArray ToJson(List<Result> results) => new([.. results.Select(r => (JsonNode)new JsonObject
    {
        ["model"] = Path.GetFileName(r.Name),
        ["squareMillimetresPerSecond"] = r.Report.AreaPerSecond,
        ["megapixelsPerSecond"] = r.Report.MegapixelsPerSecond,
        ["seconds"] = r.Report.Seconds,
        ["cpuSeconds"] = r.CpuSeconds,
        ["nuclei"] = r.Report.Nuclei,
        ["tissueSquareMillimetres"] = r.Report.TissueArea,
        ["peakMemoryBytes"] = r.Report.PeakMemory,
        ["stageSeconds"] = new JsonObject(r.Report.StageSeconds.Select(s => KeyValuePair.Create<string, JsonNode?>(s.Key.ToString().ToLowerInvariant(), s.Value))),
    })]);

    private sealed record Result(string Name, SlideReport Report, double CpuSeconds);
}
