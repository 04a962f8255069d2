using System.CommandLine;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Importing;

namespace HoverFast.Training.Commands;

/// <summary><c>datasets import NAME FOLDER -o OUT</c> and <c>datasets list</c>.</summary>
internal static class DatasetsCommand
{
    public static Command Create() =>
        new("datasets", "Turns data sets that others publish into training sets (docs/training-data.md). It fetches nothing: download and unpack them first.")
        {
            Import(),
            Points(),
            Draw(),
            List(),
        };

    private static Command Import()
    {
        var name = new Argument<string>("NAME") { Description = $"Which data set: {string.Join(", ", PublicDataSets.All.Select(s => s.Name))}." };
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "Where it lies, unpacked." };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "The training set's folder; it must not be there yet.", Required = true };
        var mpp = RangedOption.RealOrNone("--mpp", "Pixel size in um/px (default: what the set's authors state; qupath needs it).", RangedOption.PixelSizes);
        var licence = new Option<string?>("--licence") { Description = "Licence of the data (default: the one that its authors gave it)." };
        var source = new Option<string?>("--source") { Description = "Where the data comes from (default: the set's authors and publication)." };
        var command = new Command(
            "import",
            "Imports a data set.\n\nExamples:\n  datasets import pannuke downloads/pannuke -o data/pannuke\n  datasets import qupath export/ --mpp 0.25 --licence \"CC BY 4.0\" -o data/ours")
        {
            name, folder, output, mpp, licence, source,
        };
        command.SetAction(
            (parse, cancellation) =>
                Task.FromResult(
                    Failure.Guard(
                        () =>
                        {
                            var known = PublicDataSets.Named(parse.GetRequiredValue(name));
                            var set = known with
                            {
                                Mpp = parse.GetValue(mpp) ?? known.Mpp,
                                Licence = parse.GetValue(licence) ?? known.Licence,
                                Source = parse.GetValue(source) ?? known.Source,
                            };
                            var target = parse.GetRequiredValue(output).FullName;
                            var (tiles, nuclei) = DataSetImport.Run(set, parse.GetRequiredValue(folder).FullName, target, Console.Out, cancellation);
                            Console.WriteLine($"{tiles} tiles, {nuclei} nuclei, {(set.Licence.Length > 0 ? set.Licence : "licence not stated")}");
                            var report = TileCheck.Run(target, set.Mpp!.Value, cancellation: cancellation);
                            report.WriteWarnings(Console.Out);
                            foreach (var error in report.Errors)
                            {
                                Console.Out.WriteLine("warning: " + error);
                            }

                var sheet = Path.Combine(target, "labels.png");
                RgbImageFile.WritePng(sheet, LabelSheet.Draw(report));
                Console.WriteLine($"labels drawn over tiles: {sheet}\nA run names the set as: {{ \"name\": \"{set.Name}\", \"folder\": \"{target}\" }}");
            },
            "Nothing is left; run it again.")));
        return command;
    }

    private static Command Points()
    {
        var points = new Argument<DirectoryInfo>("POINTS")
        {
            Description = "Folder of CSV files with the columns x, y, type, one for each picture, in its pixels.",
        };
        var images = new Option<DirectoryInfo>("--images") { Description = "Folder of the pictures of the same names.", Required = true };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "The training set's folder; it must not be there yet.", Required = true };
        var mpp = RangedOption.Real("--mpp", "Pixel size of the pictures in um/px.", 0.5, RangedOption.PixelSizes);
        var model = new Option<string?>("--model") { Description = "The model that outlines the nuclei (default: the one that comes with the program)." };
        var views = RangedOption.Whole("--views", "Turned and mirrored views whose mean the model outlines.", 1, new(1, 8));
        var correct = new Option<bool>("--correct")
        {
            Description = "The points correct the outlines too: one with several is divided among them, a pale one without a point is left out, "
                + "and dark ones without a point, as points without an outline, teach nothing.",
        };
        var licence = new Option<string>("--licence") { Description = "Licence of the data.", DefaultValueFactory = _ => "" };
        var source = new Option<string>("--source") { Description = "Where the data comes from.", DefaultValueFactory = _ => "" };
        var command = new Command(
            "points",
            "Makes a training set of points with nucleus types: a model outlines the nuclei, and "
            + "each point gives its type to the nucleus that holds it, or "
            + "the nearest within 3 um.\n\nExample:\n  datasets points brca_m2c/train/points --images brca/ --mpp 0.5 -o data/brca-types")
        {
            points, images, output, mpp, model, views, correct, licence, source,
        };
        command.SetAction((parse, cancellation) => Task.FromResult(Failure.Guard(
            () =>
            {
                var folder = parse.GetRequiredValue(points).FullName;
                var size = new Mpp(parse.GetValue(mpp));
                using var network = ModelCatalog.Load(parse.GetValue(model));
                using var segmenter = new SlideSegmenter(network, new SegmentSettings { Views = parse.GetValue(views) }, new SlideCalibrator { Stated = size });
                var info = new DataSetInfo
                {
                    Name = "points",
                    Mpp = size.MicronsPerPixel,
                    Licence = parse.GetValue(licence)!,
                    Source = parse.GetValue(source)!,
                    Notes = $"outlines: {network.Card.Name}, SHA-256 {network.Card.Sha256}",
                };
                LabelImage Label(string picture) => segmenter.LabelAsync(picture, cancellation).GetAwaiter().GetResult();
                var tiles = PointedTiles.Read(folder, parse.GetRequiredValue(images).FullName, size, Label, parse.GetValue(correct), Console.Out);
                var (count, nuclei) = DataSetImport.Write((info, tiles), parse.GetRequiredValue(output).FullName, Console.Out, cancellation);
                Console.WriteLine($"{count} tiles, {nuclei} nuclei");
            },
            "Nothing is left; run it again.")));
        return command;
    }

    private static Command Draw()
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "Folder for the sets train/ and val/; they must not be there yet." };
        var tiles = RangedOption.Whole("--tiles", "Tiles to learn from; a quarter as many to judge by.", 16, new(1, 10_000));
        var side = RangedOption.Whole("--size", "Side of a tile in pixels.", 512, new(64, 8192));
        var mpp = RangedOption.Real("--mpp", "Pixel size in um/px.", 0.25, RangedOption.PixelSizes);
        var seed = RangedOption.Whole("--seed", "Another seed gives other tiles.", 1, new(0, 1_000_000));
        var command = new Command(
            "draw",
            "Draws tissue with labels, to try training without any data.\n\nExample:\n  datasets draw runs/drawn-data && train training/drawn/student.json -o runs/drawn")
        {
            folder,
            tiles,
            side,
            mpp,
            seed,
        };
        command.SetAction(
            (parse, cancellation) =>
                Task.FromResult(
                    Failure.Guard(() =>
                    {
                        var count = parse.GetValue(tiles);
                        foreach (var (name, number, first) in new[] { ("train", count, 0), ("val", Math.Max(1, count / 4), count) })
                        {
                            var set = DrawnDataSet.Of(number, parse.GetValue(side), parse.GetValue(mpp), (parse.GetValue(seed) * 100_000) + first);
                            var target = Path.Combine(parse.GetRequiredValue(folder).FullName, name);
                            var (_, nuclei) = DataSetImport.Write(set, target, Console.Out, cancellation);
                            Console.WriteLine($"{target}: {number} tiles, {nuclei} nuclei");
                        }
                    })));
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the data sets whose layouts are known.");
        command.SetAction(_ =>
        {
            foreach (var set in PublicDataSets.All)
            {
                Console.WriteLine($"{set.Name,-10} {(set.Licence.Length > 0 ? set.Licence : "yours"),-16} {set.Source}\n{"",-11}{set.Layout}");
            }

            return 0;
        });
        return command;
    }
}
