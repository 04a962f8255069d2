using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace HoverFast.Cli.Screens;

/// <summary>The usual help, followed by the command's examples and the exit codes.</summary>
internal sealed class ExamplesHelp(HelpAction inner) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string[]> _examples = new(StringComparer.Ordinal)
    {
        ["hoverfast"] = ["hoverfast segment --sample -o results", "hoverfast segment slide.svs -o results", "hoverfast doctor"],
        ["segment"] =
        [
            "hoverfast segment --sample -o results",
            "hoverfast segment slide.svs -o results",
            "hoverfast segment 'slides/*.svs' -o results --write geojson --threads 8",
            "hoverfast segment roi.png --mpp 0.25 -o results",
            "hoverfast segment slides/ -o results --mask-dir histoqc/ --skip-corrupt",
            "hoverfast segment 'slides/*.svs' -o results --shard 3/40",
            "hoverfast segment slide.svs -o results --region annotation.geojson --min-area 10",
        ],
        ["watch"] =
        [
            "hoverfast watch scans/ -o results",
            "hoverfast watch scans/ -o results --write geojson,csv --run /usr/local/bin/on-slide --rest 120",
        ],
        ["collect"] = ["hoverfast collect results -o cohort.parquet", "hoverfast collect results -o cohort.parquet --nuclei nuclei/ --report cohort.html"],
        ["cluster"] = ["hoverfast cluster submit slides/ -o results --partition cpu", "hoverfast cluster status results", "hoverfast cluster retry results"],
        ["cluster submit"] =
        [
            "hoverfast cluster submit 'cohort/**/*.svs' -o results --partition cpu --cpus 4 --max-tasks 100",
            "hoverfast cluster submit slides/ -o results --dry-run --price 0.02",
            "hoverfast cluster submit slides/ -o results --stage --write geojson,parquet --sbatch=--constraint=avx512",
        ],
        ["cluster status"] = ["hoverfast cluster status results", "hoverfast cluster status results --watch", "hoverfast cluster status results --json"],
        ["cluster retry"] = ["hoverfast cluster retry results", "hoverfast cluster retry results --time 8:00:00"],
        ["cluster cancel"] = ["hoverfast cluster cancel results"],
        ["cluster task"] = ["hoverfast cluster task results/cluster/20261128-093000-1a2b3c --task 0"],
        ["evaluate"] =
        [
            "hoverfast evaluate data/tnbc/val --mpp 0.25",
            "hoverfast evaluate data/tnbc/val --mpp 0.25 --model my.onnx --json scores.json",
            "hoverfast evaluate truth/labels --predicted results --per-image",
        ],
        ["review"] =
        [
            "hoverfast review start results --slides slides/ --fields 12",
            "hoverfast serve results --slides slides/",
            "hoverfast review report results",
        ],
        ["review start"] =
        [
            "hoverfast review start results --slides slides/ --fields 12",
            "hoverfast review start results --slides slides/ --by unsure --slide a --who Anna",
        ],
        ["review status"] = ["hoverfast review status results"],
        ["review import"] = ["hoverfast review import results edited.geojson --who Anna"],
        ["review export"] =
        [
            "hoverfast review export results --geojson corrected/",
            "hoverfast review export results --tiles tiles/ --slides slides/",
        ],
        ["review report"] = ["hoverfast review report results", "hoverfast review report results --json report.json"],
        ["review verify"] = ["hoverfast review verify results"],
        ["model promote"] = ["hoverfast model promote results 1 --why 'better on our tissue'"],
        ["model rollback"] = ["hoverfast model rollback results"],
        ["verify"] =
        [
            "hoverfast verify results", "hoverfast verify results --key lab-public.pem", "hoverfast verify results --rerun 10 --slides slides/",
        ],
        ["explain"] = ["hoverfast explain results/slide.manifest.json 0c0ffee0-0000-8000-8000-00000000002a --slide slide.svs -o nucleus.html"],
        ["sign"] = ["hoverfast sign results --key lab.pem"],
        ["validate"] = ["hoverfast validate tiles/ --protocol breast.json -o validation", "hoverfast validate tiles/ --protocol breast.json --model ours.onnx"],
        ["control"] =
        [
            "hoverfast control --log qc/audit.jsonl",
            "hoverfast control --picture breast.png --mpp 0.25 --save breast.json",
            "hoverfast control --picture breast.png --expected breast.json --log qc/audit.jsonl",
        ],
        ["drift"] = ["hoverfast drift results --save-baseline lab.json", "hoverfast drift results/2026-* --baseline lab.json --page drift.html"],
        ["compare"] = ["hoverfast compare small-tiles/slide.geojson.gz large-tiles/slide.geojson.gz --list"],
        ["model"] = ["hoverfast model list", "hoverfast model info", "hoverfast model import hoverfast.pth -o hoverfast.onnx"],
        ["model compare"] = ["hoverfast model compare hoverfast-he ours-int8.onnx tiles/ --mpp 0.25"],
        ["model list"] = ["hoverfast model list"],
        ["info"] = ["hoverfast info slide.svs", "hoverfast info slides/*.svs --json"],
        ["model info"] = ["hoverfast model info", "hoverfast model info my.onnx --json"],
        ["model import"] =
        [
            "hoverfast model import hovernet_fast.tar -o hovernet.onnx",
            "hoverfast model import hoverfast.pth -o hoverfast.onnx --licence 'BSD-3-Clause'",
        ],
        ["sample"] = ["hoverfast sample -o sample.png", "hoverfast segment sample.png --mpp 0.25 -o results"],
        ["doctor"] = ["hoverfast doctor"],
        ["estimate"] = ["hoverfast estimate slides/", "hoverfast estimate 'slides/*.svs' --price 0.10"],
        ["bench"] = ["hoverfast bench", "hoverfast bench hoverfast-he checkpoint.pth --input slide.svs --json bench.json"],
        ["tune"] = ["hoverfast tune", "hoverfast tune --input slide.svs --memory 4"],
        ["infer_wsi"] = ["hoverfast infer_wsi slides/*.svs -b masks/ -o output", "hoverfast infer_wsi 'slides/*.svs' -n 8 -s 5 -p 6 -o output"],
        ["infer_roi"] = ["hoverfast infer_roi rois/*.png -o output", "hoverfast infer_roi 'rois/*.png' -w 2 -c limegreen -o output"],
    };

    /// <summary>Who asks for help has not yet given the arguments.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        var output = parseResult.InvocationConfiguration.Output;
        var name = PathOf(command);
        if (_examples.TryGetValue(name, out var lines))
        {
            output.WriteLine("Examples:");
            foreach (var line in lines)
            {
                output.WriteLine("  " + line);
            }

            output.WriteLine();
        }

        output.WriteLine(ExitCode.Help);
        return code;
    }

    /// <summary>The names that lead to a command, below the program's own.</summary>
    internal static string PathOf(Command command) => command switch
    {
        RootCommand => "hoverfast",
        _ when command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand => $"{PathOf(parent)} {command.Name}",
        _ => command.Name,
    };
}
