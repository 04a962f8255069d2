using System.CommandLine;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Data;

namespace HoverFast.Training.Commands;

/// <summary><c>adapt rehearsal</c>: makes the crops that come with the program from the sets that the student was trained on.</summary>
internal static class RehearsalCommand
{
    private static readonly (string Name, string Folder, double Mpp, int PerGroup, int Side, string Licence, string Source)[] _sets =
    [
        ("nuinsseg", "nuinsseg/train", 0.21, 3, 352, "CC BY 4.0", "NuInsSeg, Mahbod et al., Scientific Data 2024, doi 10.1038/s41597-024-03117-2"),
        ("tnbc", "tnbc/train", 0.25, 3, 288, "CC BY 4.0", "TNBC, Naylor et al., IEEE TMI 2018, zenodo 1175282 (patients 1-8)"),
        ("consep", "consep/train", 0.25, 18, 288, "Apache 2.0", "CoNSeP, Graham et al., Medical Image Analysis 2019"),
    ];

    public static Command Create()
    {
        var data = new Argument<DirectoryInfo>("DATA") { Description = "Folder that holds nuinsseg/train, tnbc/train and consep/train." };
        var output = new Option<FileInfo>("--output", "-o")
        {
            Description = "The file to write (models/rehearsal/rehearsal.zip in the repository).",
            Required = true,
        };
        var command = new Command("rehearsal", "Makes the file of crops that adapt learns again and checks by. Only for who changes the program's own.")
        {
            data,
            output,
        };
        command.SetAction(
            (parse, _) =>
                Task.FromResult(
                    Failure.Guard(() =>
                    {
                        var sets = _sets.Select(s => Pack(s, parse.GetRequiredValue(data).FullName)).ToList();
                        RehearsalPack.Write(parse.GetRequiredValue(output).FullName, sets);
                        foreach (var (set, crops) in sets)
                        {
                            Console.WriteLine(
                                $"{set.Name}: {set.Learned.Count} crops to learn, {set.Checked.Count} to check, {crops.Sum(c => c.Instances.Count)} nuclei");
                        }
                    })));
        return command;
    }

    private static (RehearsalSet Set, IReadOnlyList<LabelledImage> Crops) Pack(
        (string Name, string Folder, double Mpp, int PerGroup, int Side, string Licence, string Source) set,
        string data)
    {
        var all = DataSet
            .Load(
                new DataSetConfiguration
                {
                    Name = set.Name,
                    Folder = Path.Combine(data, set.Folder),
                    Mpp = set.Mpp,
                },
                "/")
            .Images;
        List<LabelledImage> crops =
        [
            .. CropSelection.Spread(all, set.PerGroup, LabelledImage.GroupOf).Select(i => CropSelection.Cut(i, CropSelection.DensestPart(i, set.Side))),
        ];
        var names = crops.ConvertAll(c => c.Name);
        return (
            new RehearsalSet(set.Name, set.Mpp, set.Licence, set.Source, [.. names.Where((_, i) => i % 3 != 2)], [.. names.Where((_, i) => i % 3 == 2)]),
            crops);
    }
}
