using System.CommandLine;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Training.Trust;

namespace HoverFast.Training.Commands;

/// <summary><c>trust</c>: fits what tells when to trust a result to labelled pictures, as they are and made worse.</summary>
internal static class TrustCommand
{
    public static Command Create()
    {
        var tables = new Option<bool>("--tables") { Description = "Also write what was seen of each picture and nucleus, as CSV." };
        var command = QualityFilesCommand.Create(
            "trust",
            "Fits match probability, expected accuracy and domain shift to labelled pictures.",
            "nuinsseg, tnbc, dsb2018 and consep",
            "the fitted files (models/quality in the repository) and the tables they come from",
            (data, folder, parse, cancellation) => Run(data, folder, parse.GetValue(tables), cancellation));
        command.Add(tables);
        return command;
    }

    private static void Run(string data, string folder, bool tables, CancellationToken cancellation)
    {
        var samples = Samples(data, cancellation);
        var match = MatchFit.Fit(samples, QualityFilesCommand.Models, [.. TrustSet.All.Select(s => $"{s.Name}: {s.Source}")]);
        IReadOnlyList<TrustSample> judged = [.. samples.Select(s => s.By(match))];
        if (tables)
        {
            SampleTable.WritePictures(Path.Combine(folder, "pictures.csv"), judged);
            SampleTable.WriteNuclei(Path.Combine(folder, "nuclei.csv"), samples);
        }

        PartialFile.WriteText(Path.Combine(folder, MatchCard.FileName), JsonSerializer.Serialize(match, QualityJson.Relaxed.MatchCard) + "\n");
        var accuracy = AccuracyFit.Fit(samples, match);
        PartialFile.WriteText(
            Path.Combine(folder, QualityJudge.AccuracyFile),
            JsonSerializer.Serialize(accuracy, QualityJson.Relaxed.AccuracyCard) + "\n");
        var shift = ShiftFit.Fit(judged, match.Data);
        PartialFile.WriteText(
            Path.Combine(folder, QualityJudge.ShiftFile),
            JsonSerializer.Serialize(shift, QualityJson.Relaxed.ShiftCard) + "\n");
        foreach (var row in accuracy.HeldOut)
        {
            Console.WriteLine(
                $"{row.Pictures, -36} {row.Count, 5} pictures: Spearman {row.Spearman:0.000}, error of PQ {row.PqError:0.000}, of Dice {row.DiceError:0.000}, in the interval {row.Coverage:0.000}");
        }

        var chance = PqNoise.Of(judged.Where(t => t.IsUnseen && t.Degradation <= Degradation.Contrast));
        Console.WriteLine(
            $"by chance alone the PQ of these {chance.Pictures} pictures is off by {chance.Deviation:0.000}: the best estimate would have an error of {chance.Error:0.000} and a correlation of {chance.Correlation:0.000}");

        foreach (var row in shift.HeldOut)
        {
            Console.WriteLine($"{row.Pictures,-40} {row.Count,5} pictures: AUROC {row.Auroc:0.000}, beyond {row.Beyond:0.000}");
        }

        foreach (var row in match.Reliability)
        {
            Console.WriteLine(
                $"{row.Model, -18} {row.Set, -15} {row.Nuclei, 5} nuclei: estimated {row.Estimated:0.000}, matched {row.Matched:0.000}, ECE {row.Error:0.000}");
        }
    }

    private static List<TrustSample> Samples(string data, CancellationToken cancellation)
    {
        using var scratch = new ScratchFolder("trust");
        var samples = new List<TrustSample>();
        var pictures = TrustSet.All.SelectMany(s => s.Pictures(data)).ToList();
        foreach (var name in QualityFilesCommand.Models)
        {
            using var model = NucleusModel.LoadBuiltIn(name);
            var maker = new SampleMaker(model, scratch.Path);
            var made = new TrustSample[pictures.Count];
            var options = new ParallelOptions { MaxDegreeOfParallelism = ThreadCount.Available, CancellationToken = cancellation };
            Parallel.For(0, made.Length, options, i =>
                made[i] = maker.Make(pictures[i].Set.Name, pictures[i].Tile, new Mpp(pictures[i].Set.Mpp), pictures[i].Degradation, pictures[i].Strength));
            samples.AddRange(made);
            Console.Error.WriteLine($"{name}: {made.Length} pictures");
        }

        return samples;
    }
}
