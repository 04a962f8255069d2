using System.Globalization;
using System.Text;
using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Data;

namespace HoverFast.Training.Distillation;

/// <summary>Teacher and students side by side: against people, and against the teacher, in Markdown; and in pictures where a folder is given.</summary>
internal sealed class ComparisonTable(
    ComparedModel teacher,
    IReadOnlyList<ComparedModel> students,
    IReadOnlyList<DataSet> sets,
    int threads,
    string? pictures = null)
{
    private sealed record Figures(EvaluationReport People, EvaluationReport? Teacher, Disagreement? Disagreement);

    private sealed record Answers(LabelImage[] Found, NucleusMatches[] NucleusMatches);

    /// <summary>Runs all models on all sets and writes the table.</summary>
    public string Make(TextWriter log, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        foreach (var set in sets)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"**{set.Configuration.Name}** ({set.Images.Count} images, {set.Configuration.Mpp} um/px; means over images");
            text.AppendLine(students.Any(s => s.Seeds.Count > 1) ? ", ± the spread over seeds)\n" : ")\n");
            text.AppendLine("| | Dice | AJI | PQ | Dice to teacher | PQ to teacher | missed by both | found by student and teacher, not by people |");
            text.AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|");
            log.WriteLine($"{set.Configuration.Name}: {teacher.Name}");
            var taught = Segment(teacher.Seeds[0], set, cancellation);
            Row(text, teacher.Name, [new Figures(AgainstPeople(set, taught), null, null)]);
            foreach (var student in students)
            {
                log.WriteLine($"{set.Configuration.Name}: {student.Name}");
                var seeds = student.Seeds.Select(s => Judge(set, Segment(s, set, cancellation), taught)).ToList();
                Row(text, student.Name, [.. seeds.Select(s => Score(set, s, taught))]);
                Draw(set, student.Name, seeds[0]);
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    private LabelImage[] Segment(Teacher model, DataSet set, CancellationToken cancellation)
    {
        var all = new LabelImage[set.Images.Count];
        Parallel.For(0, all.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, i =>
            all[i] = ComparedModel.Segment(model, set.Images[i]));
        return all;
    }

    // The first seed stands for all.
    private void Draw(DataSet set, string student, Answers answers)
    {
        if (pictures is null)
        {
            return;
        }

        var folder = Directory
            .CreateDirectory(Path.Combine(pictures, string.Concat(student.Split(Path.GetInvalidFileNameChars())), set.Configuration.Name))
            .FullName;
        Parallel.For(0, answers.Found.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            var image = set.Images[i];
            RgbImageFile.WritePng(
                Path.Combine(folder, image.Name + ".png"),
                DisagreementPicture.WithLegend(DisagreementPicture.Draw(image.Image, image.Labels, answers.Found[i], answers.NucleusMatches[i])));
        });
    }

    private static Answers Judge(DataSet set, LabelImage[] found, LabelImage[] taught) =>
        new(found, [.. set.Images.Select((image, i) => new NucleusMatches(image.Labels, taught[i], found[i]))]);

    private static Figures Score(DataSet set, Answers answers, LabelImage[] taught) => new(
        AgainstPeople(set, answers.Found),
        new EvaluationReport(set.Images.Select((image, i) => (image.Name, SegmentationMetrics.Compare(taught[i], answers.Found[i])))),
        answers.NucleusMatches.Select(Disagreement.Of).Aggregate((a, b) => a + b));

    private static EvaluationReport AgainstPeople(DataSet set, LabelImage[] found) =>
        new(set.Images.Select((image, i) => (image.Name, image.Score(found[i]))));

    private static void Row(StringBuilder text, string name, IReadOnlyList<Figures> seeds)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"| {name} | {Cell(f => f.People.Dice.Mean)} | {Cell(f => f.People.Aji.Mean)} | {Cell(f => f.People.PanopticQuality.Mean)} ");
        text.AppendLine(
            seeds[0].Teacher is null
                ? "| | | | |"
                : $"| {Cell(f => f.Teacher!.Dice.Mean)} | {Cell(f => f.Teacher!.PanopticQuality.Mean)} | {Share(f => f.Disagreement!.MissedByBoth, f => f.Disagreement!.People)} | {Share(f => f.Disagreement!.SharedExtra, f => f.Disagreement!.Extra)} |");

        string Cell(Func<Figures, double> figure)
        {
            var values = seeds.Select(figure).ToList();
            var mean = values.Average();
            var spread = values.Count < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
            return mean.ToString("0.000", CultureInfo.InvariantCulture) + (values.Count < 2 ? "" : spread.ToString(" ± 0.000", CultureInfo.InvariantCulture));
        }

        string Share(Func<Figures, int> part, Func<Figures, int> whole) =>
            string.Create(CultureInfo.InvariantCulture, $"{seeds.Average(part):0} of {seeds.Average(whole):0}");
    }
}
