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

    /// <summary>Parts of those tiles, each held out once to find <see cref="TissueBar"/>.</summary>
    private const int Folds = 3;

    private const int Draws = 12;

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

    // Each foreign tissue as somebody's own, by several draws of tiles: who is recognised by it?
    private static void Tell(KnownTissues known, IReadOnlyList<(string Tissue, bool IsTrainedOn, IReadOnlyList<FieldSums> Places)> looked)
    {
        foreach (var tissue in looked.Where(p => !p.IsTrainedOn).Select(p => p.Tissue).Distinct())
        {
            var all = looked.Where(p => p.Tissue == tissue).Select(p => p.Places).ToList();
            var others = looked.Where(p => p.Tissue != tissue)
                .GroupBy(p => p.IsTrainedOn ? "learned ones" : p.Tissue)
                .Select(g => (Name: g.Key, Pictures: g.Select(p => p.Places).ToList()))
                .ToList();
            var tiles = Math.Min(Tiles, all.Count / 2);
            var (own, taken) = (0.0, new double[others.Count]);
            for (var draw = 1; draw <= Draws; draw++)
            {
                var drawn = all.ToArray();
                new Random(draw).Shuffle(drawn);
                var recogniser = RecogniserOf(drawn[..tiles]);
                own += Share(recogniser, drawn[tiles..]) / Draws;
                for (var i = 0; i < taken.Length; i++)
                {
                    taken[i] += Share(recogniser, others[i].Pictures) / Draws;
                }
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {tissue}, {tiles} tiles, {Draws} draws: recognised {own:0.000} of its {all.Count - tiles} other pictures; {string.Join(", ", others.Zip(taken).Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.First.Name} {o.Second:0.000} of {o.First.Pictures.Count}")))}"));
        }

        TissueRecogniser RecogniserOf(IReadOnlyList<FieldSums>[] tiles)
        {
            var parts = Enumerable.Range(0, Folds).Select(f => (IReadOnlyList<IReadOnlyList<FieldSums>>)[.. tiles.Where((_, i) => i % Folds == f)]);
            return new TissueRecogniser(OwnTissue.Of(known, [.. parts], earlier: [])!.Whole);
        }

        static double Share(TissueRecogniser recogniser, IReadOnlyCollection<IReadOnlyList<FieldSums>> pictures) =>
            pictures.Average(p => recogniser.AreOwn(p) ? 1.0 : 0);
    }

    private static string TissueOf(string set, string name) => set.Split('/')[0] switch
    {
        "nuinsseg" => LabelledImage.GroupOf(name),
        "tnbc" => "tnbc patient " + LabelledImage.GroupOf(name),
        var other => other == "consep" ? other : set,
    };
}
