using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Evaluation;
using HoverFast.Jobs;
using HoverFast.Slides;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast compare</c>: whether two results of one slide hold the same nuclei, whatever the tile size, machine or version.</summary>
internal static class CompareCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var first = new Argument<FileInfo>("FIRST")
        {
            Description = "One result: GeoJSON (ours, QuPath's, HoverFast's), Parquet with outlines, or a label image.",
        };
        var second = new Argument<FileInfo>("SECOND") { Description = "Another result of the same slide, of any of these kinds." };
        var iou = NumberOption.Real("--iou", "Two nuclei are the same where intersection over union is above this, 0.5 to 1.", 0.9, 0.5, 1);
        var least = NumberOption.Real("--least", "Exit with 1 where a smaller share agrees, 0 to 1.", 0, 0, 1);
        var list = new Option<bool>("--list") { Description = "List the nuclei without a like: where they are, their area and what comes closest." };
        var differences = new Option<FileInfo?>("--differences")
        {
            Description = "Write the nuclei without a like to this GeoJSON (.geojson, .geojson.gz), for QuPath: where two models, or student and teacher, disagree.",
        };
        differences.Validators.Add(r =>
        {
            if (r.Tokens is [{ Value: var name }, ..]
                && !name.EndsWith(".geojson", StringComparison.OrdinalIgnoreCase)
                && !name.EndsWith(".geojson.gz", StringComparison.OrdinalIgnoreCase))
            {
                r.AddError($"--differences writes .geojson or .geojson.gz, not '{name}'.");
            }
        });
        var map = new Option<FileInfo[]>("--differences-map")
        {
            Description =
                "Write where over the slide they disagree, in fields of 256 um: a picture (.png) or a table (.csv). Repeatable. Needs the pixel size: a manifest beside a result, or --mpp.",
        };
        map.Validators.Add(r =>
        {
            foreach (var token in r.Tokens.Where(t => Path.GetExtension(t.Value).ToLowerInvariant() is not (".png" or ".csv")))
            {
                r.AddError($"--differences-map writes .png or .csv, not '{token.Value}'.");
            }
        });
        var mpp = CalibrationOptions.Mpp("With --differences-map: pixel size of the results in um/px, where no manifest lies beside them.");
        var command = new Command("compare", "Tell how many nuclei two results of one slide have in common, how many of them are of one type, and which they have not.")
        {
            first,
            second,
            iou,
            least,
            list,
            differences,
            map,
            mpp,
        };
        command.SetAction(parsed =>
        {
            var agreement = OutlineAgreement.OfFiles(parsed.GetValue(first)!.FullName, parsed.GetValue(second)!.FullName, parsed.GetValue(iou));
            if (parsed.GetValue(differences) is { } file)
            {
                if (!agreement.HasOutlines)
                {
                    throw new SlideException(file.FullName, "can't be written: one side is a label image, which has no outlines. Compare GeoJSON or Parquet.");
                }

                agreement.WriteDifferences(file.FullName);
            }

            if (parsed.GetValue(map) is { Length: > 0 } maps)
            {
                var files = (First: parsed.GetValue(first)!.FullName, Second: parsed.GetValue(second)!.FullName);
                var fields = agreement.Fields(
                    parsed.GetValue(mpp)
                        ?? Manifest.MppOf(files.First)
                        ?? Manifest.MppOf(files.Second)
                        ?? throw new SlideException(files.First, "its pixel size is not known: no manifest lies beside it. Give it with --mpp."));
                foreach (var target in maps)
                {
                    if (target.Extension.Equals(".csv", StringComparison.OrdinalIgnoreCase))
                    {
                        fields.WriteTable(target.FullName);
                    }
                    else
                    {
                        fields.WritePicture(target.FullName);
                    }
                }
            }

            Console.WriteLine(
                $"{agreement.First} and {agreement.Second} nuclei, {agreement.Matched} the same (IoU > {parsed.GetValue(iou)}): {Floor(agreement.Share):0.000} %, {agreement.Doubled.Count} doubled");
            WriteTypes(agreement.Types);
            foreach (var nucleus in parsed.GetValue(list) ? agreement.Rest : [])
            {
                Console.WriteLine(
                    $"only in the {(nucleus.InSecond ? "second" : "first")}: {nucleus.Area:0} px2 at {nucleus.Centroid.X:0.0}, {nucleus.Centroid.Y:0.0}; closest IoU {nucleus.BestIou:0.000}");
            }

            foreach (var pair in parsed.GetValue(list) ? agreement.Doubled : [])
            {
                Console.WriteLine(
                    $"doubled in the {(pair.InSecond ? "second" : "first")}: {pair.Centroid.X:0.0}, {pair.Centroid.Y:0.0} and {pair.Other.X:0.0}, {pair.Other.Y:0.0} IoU {pair.Iou:0.000}");
            }

            return agreement.Share >= parsed.GetValue(least) ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }

    private static void WriteTypes(IReadOnlyList<TypePair> types)
    {
        var all = types.Sum(t => t.Nuclei);
        if (all == 0)
        {
            return;
        }

        var same = types.Where(t => t.IsSame).Sum(t => t.Nuclei);
        Console.WriteLine($"types: {same} of {all} the same: {Floor((double)same / all):0.000} %");
        foreach (var pair in types.Where(t => !t.IsSame))
        {
            Console.WriteLine($"  {pair.First} in the first, {pair.Second} in the second: {pair.Nuclei}");
        }
    }

    /// <summary>Per cent, never rounded up: 100 means all.</summary>
    private static double Floor(double share) => Math.Floor(share * 100_000) / 1000;
}
