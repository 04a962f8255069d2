using System.CommandLine;
using System.Globalization;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Training.Trust;

namespace HoverFast.Training.Commands;

/// <summary><c>quality-check</c>: tells what the program says of good and bad pictures, for the tables of docs/trust.md.</summary>
internal static class QualityCheckCommand
{
    private static readonly string[] _artefacts = ["pen", "dark", "bright", "blurred", "fold", "bubble", "dust"];

    /// <summary>What is done to the pictures, in the order of the table. Lengths in pixels are of pictures of a quarter micron.</summary>
    private static readonly (string Name, Degradation Kind, double From, double To)[] _ways =
    [
        ("as it is", Degradation.None, 1, 1),
        ("blurred, sigma 1.5", Degradation.Blur, 1.5, 1.5),
        ("blurred, sigma 3", Degradation.Blur, 3, 3),
        ("blurred, sigma 5", Degradation.Blur, 5, 5),
        ("fold of 18 to 60 um", Degradation.Fold, 72, 240),
        ("bubble of 60 to 160 um", Degradation.Bubble, 240, 640),
        ("dust of 12 to 40 um", Degradation.Dust, 48, 160),
        ("JPEG of quality 50", Degradation.Jpeg, 50, 50),
        ("JPEG of quality 30", Degradation.Jpeg, 30, 30),
        ("JPEG of quality 20", Degradation.Jpeg, 20, 20),
        ("JPEG of quality 10", Degradation.Jpeg, 10, 10),
        ("JPEG of quality 5", Degradation.Jpeg, 5, 5),
        ("eosin turned brown", Degradation.Ihc, 1, 1),
        ("purple single stain", Degradation.Purple, 1, 1),
        ("pixel size twice as large", Degradation.Scale, 2, 2),
        ("pixel size half as large", Degradation.Scale, 0.5, 0.5),
    ];

    public static Command Create()
    {
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "Folder that holds nuinsseg, tnbc, consep and dsb2018: one line for each set and way to make it worse.",
        };
        var pictures = new Option<FileInfo[]>("--pictures")
        {
            Description = "Pictures and slides: one line for each and each way.",
            AllowMultipleArgumentsPerToken = true,
        };
        var mpp = new Option<double>("--mpp") { Description = "Pixel size of pictures that state none.", DefaultValueFactory = _ => 0.25 };
        var stain = new Option<string>("--stain") { Description = "What pictures are taken for: he or ihc-dab.", DefaultValueFactory = _ => "he" };
        stain.AcceptOnlyFromAmong("he", "ihc-dab");
        var command = new Command(
            "quality-check",
            "Segments pictures as they are and made worse, and tells which artefacts are found and what is advised. Only for who changes the program's own.\n\n"
            + "Example:\n  quality-check --data ../shared/data")
        {
            data, pictures, mpp, stain,
        };
        command.SetAction((parse, cancellation) => Task.FromResult(Failure.Guard(() =>
        {
            if (!Mpp.IsPossible(parse.GetValue(mpp)))
            {
                throw new TrainingException("--mpp", "is no pixel size in microns.");
            }

            using var check = new QualityCheck("hoverfast-he", parse.GetValue(stain) == "ihc-dab" ? Stain.HaematoxylinDab : Stain.HaematoxylinEosin);
            if (parse.GetValue(data) is { } folder)
            {
                Sets(check, folder.FullName, cancellation);
            }

            if (parse.GetValue(pictures) is { } files)
            {
                Files(check, files, new Mpp(parse.GetValue(mpp)), cancellation);
            }
        })));
        return command;
    }

    private static void Sets(QualityCheck check, string data, CancellationToken cancellation)
    {
        Console.WriteLine($"| pictures | made worse | count | {string.Join(" | ", _artefacts)} | compressed | trust | look | adapt | refuse | median shift |");
        Console.WriteLine($"|---|---|---:|{string.Concat(_artefacts.Select(_ => "---:|"))}---:|---:|---:|---:|---:|---:|");
        foreach (var set in TrustSet.All)
        {
            // What students learned from is many, and only asked for false alarms.
            foreach (var way in TrustSet.IsReference(set.Name) ? _ways.AsEnumerable().Take(1) : _ways)
            {
                var tiles = Data.TileFile.In(Path.Combine(data, set.Name));
                var reports = new QualityReport[tiles.Count];
                var options = new ParallelOptions { MaxDegreeOfParallelism = ThreadCount.Available, CancellationToken = cancellation };
                Parallel.For(0, tiles.Count, options, i => reports[i] = Report(check, tiles[i].Picture, new Mpp(set.Mpp), way, cancellation));
                Row(set.Name, way.Name, reports);
            }
        }
    }

    private static void Files(QualityCheck check, FileInfo[] files, Mpp mpp, CancellationToken cancellation)
    {
        Console.WriteLine("| picture | made worse | expected PQ | shift | advice | differences | fields | with artefacts |");
        Console.WriteLine("|---|---|---:|---:|---|---|---:|---|");
        foreach (var file in files)
        {
            foreach (var way in _ways)
            {
                try
                {
                    Row(file.Name, way.Name, Report(check, file.FullName, mpp, way, cancellation));
                }
                catch (SlideException e)
                {
                    Console.Error.WriteLine($"{e.Message}");
                    break;
                }
            }
        }
    }

    private static QualityReport Report(
        QualityCheck check, string path, Mpp mpp, (string Name, Degradation Kind, double From, double To) way, CancellationToken cancellation) =>
        check.OfAsync(path, mpp, way.Kind, StrengthOf(way, Path.GetFileName(path)), cancellation).GetAwaiter().GetResult();

    private static void Row(string set, string way, QualityReport[] reports)
    {
        var artefacts = string.Join(" | ", _artefacts.Select(a => reports.Count(r => Has(r, a))));
        var advice = string.Join(" | ", Enum.GetValues<QualityAdvice>().Select(a => reports.Count(r => r.Slide.Advice == a)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {set} | {way} | {reports.Length} | {artefacts} | {reports.Count(r => r.Slide.IsCompressed)} | {advice} | {MedianShift(reports):0.00} |"));
    }

    private static void Row(string file, string way, QualityReport report)
    {
        var found = _artefacts.Select(a => (Name: a, Count: report.Fields.Count(f => f.Artefacts.Contains(a)))).Where(a => a.Count > 0);
        var (slide, told) = (report.Slide, string.Join("; ", report.Slide.Differences));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {file} | {way} | {slide.ExpectedPq:0.00} | {slide.Shift:0.00} | {slide.Advice.ToString().ToLowerInvariant()} | {told} | {report.Fields.Count} | ")
            + string.Join(", ", found.Select(f => $"{f.Name} {f.Count}")) + " |");
    }

    private static bool Has(QualityReport report, string artefact) => report.Fields.Any(f => f.Artefacts.Contains(artefact));

    private static double MedianShift(QualityReport[] reports) => reports.Select(r => r.Slide.Shift ?? 0).Order().ElementAt(reports.Length / 2);

    /// <summary>A strength that follows from the picture's name.</summary>
    private static double StrengthOf((string Name, Degradation Kind, double From, double To) way, string name) =>
        way.From + ((way.To - way.From) * new Random(NameSeed.Of(name, 11)).NextDouble());
}
