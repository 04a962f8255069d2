using System.Globalization;
using HoverFast.Files;
using HoverFast.Quality;

namespace HoverFast.Training.Trust;

/// <summary>Writes samples as tables (CSV), for who looks into the fits with other programs.</summary>
internal static class SampleTable
{
    /// <summary>A line for each picture: what was done to it, its scores, and the sums of what was seen.</summary>
    public static void WritePictures(string path, IReadOnlyList<TrustSample> samples)
    {
        string[] sums =
        [
            .. Enum.GetNames<FieldNumber>().Where(n => n != nameof(FieldNumber.Evidence)), .. NucleusEvidence.Names.Select(n => "evidence_" + n),
        ];
        string[] head = ["model", "set", "name", "kind", "strength", "pq", "dice", "truth", "predicted", .. sums];
        Write(
            path,
            head,
            samples.Select(s =>
                (string[])
                    [
                        .. Head(s),
                        Text(s.Score.PanopticQuality),
                        Text(s.Score.Dice),
                        Text(s.Score.TruthCount),
                        Text(s.Score.PredictedCount),
                        .. s.Sums.Values.Select(v => Text(v)),
                    ]));
    }

    /// <summary>A line for each nucleus: its evidence and whether and how well a person's outline matches it.</summary>
    public static void WriteNuclei(string path, IReadOnlyList<TrustSample> samples) => Write(
        path,
        ["model", "set", "name", "kind", "strength", "matched", "iou", .. NucleusEvidence.Names],
        samples.SelectMany(s => s.Nuclei.Select(n => (string[])[.. Head(s), n.IsMatched ? "1" : "0", Text(n.Iou), .. n.Evidence.Select(Text)])));

    private static string[] Head(TrustSample s) => [s.Model, s.Set, s.Name, s.Degradation.ToString(), Text(s.Strength)];

    private static string Text(double value) => Math.Round(value, 4).ToString(CultureInfo.InvariantCulture);

    private static void Write(string path, string[] head, IEnumerable<string[]> rows)
    {
        using var file = new PartialFile(path);
        using (var writer = new StreamWriter(file.Stream, leaveOpen: true) { NewLine = "\n" })
        {
            foreach (var row in rows.Prepend(head))
            {
                writer.WriteLine(string.Join(',', row));
            }
        }

        file.Complete();
    }
}
