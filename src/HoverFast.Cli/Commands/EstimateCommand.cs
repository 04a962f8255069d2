using System.CommandLine;
using HoverFast.Pipeline;
using HoverFast.Slides;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast estimate</c>: what a batch will take, before it starts.</summary>
internal static class EstimateCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var inputs = new Argument<string[]>("INPUT") { Description = "Slides and pictures: files, folders, or patterns.", Arity = ArgumentArity.OneOrMore };
        var model = ModelCommand.Option();
        var mpp = new Option<double?>("--mpp") { Description = "Pixel size of all inputs in um/px, whatever the files state." };
        var threads = new Option<int>("--threads") { Description = "Threads that the batch will use.", DefaultValueFactory = _ => ThreadCount.Available };
        var price = new Option<double?>("--price") { Description = "Price of this machine for an hour, in any currency; gives the cost." };
        var command = new Command("estimate", "Tell the tissue area, time, memory, output size and cost of a batch, from a sample of each slide's tiles.") { inputs, model, mpp, threads, price };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var network = ModelCommand.Load(parsed.GetValue(model));
            var settings = new SegmentSettings { Threads = Math.Max(1, parsed.GetValue(threads)) };
            var calibrator = new SlideCalibrator { Stated = parsed.GetValue(mpp) is { } value ? new Mpp(value) : null };
            var segmenter = new SlideSegmenter(network, settings, calibrator);
            var table = new Table().Border(TableBorder.Simple).AddColumns("input", "tissue mm2", "tiles", "nuclei", "time", "GeoJSON MB", "note");
            var sum = new SlideEstimate(0, 0, 0, 0, 0);
            var failed = 0;
            foreach (var file in InputFiles.Expand(parsed.GetValue(inputs)!))
            {
                try
                {
                    var e = await segmenter.EstimateAsync(file.Path, cancellation);
                    sum = new SlideEstimate(sum.TissueArea + e.TissueArea, sum.Tiles + e.Tiles, sum.Seconds + e.Seconds, sum.Nuclei + e.Nuclei, Math.Max(sum.PeakMemory, e.PeakMemory));
                    Row(table, file.Name, e, "");
                }
                catch (Exception e) when (e is SlideException or IOException)
                {
                    failed++;
                    table.AddRow(Markup.Escape(file.Name), "", "", "", "", "", Markup.Escape(e is SlideException s ? s.Problem : e.Message));
                }
            }

            Row(table, "all", sum, parsed.GetValue(price) is { } hour ? $"costs {sum.Seconds / 3600 * hour:0.00}" : "");
            HoverFastCommand.Screen.Write(table);
            HoverFastCommand.Screen.WriteLine($"memory: {sum.PeakMemory / 1048576.0:0} MiB with {settings.Threads} threads");
            return failed > 0 ? ExitCode.SomeFailed : ExitCode.Success;
        });
        return command;
    }

    private static void Row(Table table, string name, SlideEstimate e, string note) =>
        table.AddRow(Markup.Escape(name), $"{e.TissueArea:0.00}", $"{e.Tiles}", $"{e.Nuclei}", TimeSpan.FromSeconds(Math.Ceiling(e.Seconds)).ToString(@"d\.hh\:mm\:ss"), $"{e.OutputBytes * 1e-6:0.0}", Markup.Escape(note));
}
