using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Data;
using HoverFast.Training.Trust;

namespace HoverFast.Training.Commands;

/// <summary><c>known-tissue</c>: what each student that ships sees of the tissue that it learned from, and how well other tissue is told from that.</summary>
internal static class KnownTissueCommand
{
    private const string Unlabelled = "unlabelled/brca";
    private const double UnlabelledMpp = 0.5;

    /// <summary>Letters of a TCGA name that tell the patient.</summary>
    private const int PatientLetters = 12;

    /// <summary>Pictures of a foreign tissue that stand for tiles that somebody adapted to.</summary>
    private const int Tiles = 10;

    public static Command Create() => QualityFilesCommand.Create(
        "known-tissue",
        "Sums up the tissue that students learned from, which an adapted model tells its own tissue from.",
        "nuinsseg, tnbc, dsb2018, consep and unlabelled/brca",
        $"{KnownTissues.FileName} (models/adapting in the repository)",
        (data, folder, _, cancellation) => Run(data, folder, cancellation));

    private static void Run(string data, string folder, CancellationToken cancellation)
    {
        var pictures = TrustSet.All
            .SelectMany(s => TileFile.In(Path.Combine(data, s.Name)).Select(t => (Tissue: TissueOf(s.Name, t.Name), s.IsTrainedOn, t.Picture, s.Mpp)))
            .Concat(Directory.GetFiles(Path.Combine(data, Unlabelled), "*.jpg").Order(StringComparer.Ordinal)
                .Select(f => (Tissue: Path.GetFileName(f)[..PatientLetters], IsTrainedOn: true, Picture: f, Mpp: UnlabelledMpp)))
            .ToList();
        var all = new SortedDictionary<string, KnownTissues>(StringComparer.Ordinal);
        foreach (var name in QualityFilesCommand.Models)
        {
            using var student = NucleusModel.LoadBuiltIn(name);
            var seen = new IReadOnlyList<FieldSums>[pictures.Count];
            var options = new ParallelOptions { MaxDegreeOfParallelism = ThreadCount.Available, CancellationToken = cancellation };
            Parallel.For(0, seen.Length, options, i =>
                seen[i] = [.. TileTissue.Look(RgbImageFile.Read(pictures[i].Picture), new Mpp(pictures[i].Mpp), student).Where(TissueRecogniser.IsTelling)]);
            var looked = pictures.Zip(seen).Select(p => (p.First.Tissue, p.First.IsTrainedOn, Places: p.Second)).ToList();
            var known = KnownTissues.Of([.. looked.Where(p => p.IsTrainedOn).SelectMany(p => p.Places.Select(f => (p.Tissue, f)))]);
            all[name] = known;
            Console.WriteLine($"{name}: {known.Tissues.Count} tissues, {known.Tissues.Values.Sum(t => t.Count)} places");
            Tell(known, [.. looked.Where(p => p.Places.Count > 0)]);
        }

        PartialFile.WriteText(Path.Combine(folder, KnownTissues.FileName), JsonSerializer.Serialize(all, KnownTissues.Json) + "\n");
    }

    // Each foreign tissue as somebody's own: who is recognised by it?
    private static void Tell(KnownTissues known, IReadOnlyList<(string Tissue, bool IsTrainedOn, IReadOnlyList<FieldSums> Places)> looked)
    {
        foreach (var tissue in looked.Where(p => !p.IsTrainedOn).Select(p => p.Tissue).Distinct())
        {
            var mine = looked.Where(p => p.Tissue == tissue).ToList();
            var tiles = Math.Min(Tiles, mine.Count / 2);
            var recogniser = new TissueRecogniser(TissueFit.Fit(known, [.. mine.Take(tiles).SelectMany(p => p.Places)]));
            var others = looked.Where(p => p.Tissue != tissue).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {tissue}, {tiles} tiles: recognised {Share(mine.Skip(tiles)):0.00} of its {mine.Count - tiles} other pictures, {Share(others.Where(p => p.IsTrainedOn)):0.000} of {others.Count(p => p.IsTrainedOn)} learned ones, {string.Join(", ", others.Where(p => !p.IsTrainedOn).GroupBy(p => p.Tissue).Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key} {Share(g):0.00}")))}"));

            double Share(IEnumerable<(string Tissue, bool IsTrainedOn, IReadOnlyList<FieldSums> Places)> some) =>
                some.Average(p => recogniser.OwnShare(p.Places) >= TissueRecogniser.Enough ? 1.0 : 0);
        }
    }

    private static string TissueOf(string set, string name) => set.Split('/')[0] switch
    {
        "nuinsseg" => LabelledImage.GroupOf(name),
        "tnbc" => "tnbc patient " + LabelledImage.GroupOf(name),
        var other => other == "consep" ? other : set,
    };
}
