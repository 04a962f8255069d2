using HoverFast.Evaluation;
using HoverFast.Output;

namespace HoverFast.Training.Distillation;

/// <summary>
/// Where student and teacher agree and people do not: what the student took over from its teacher, right or wrong. Nuclei count as the same at IoU above 0.5.
/// </summary>
/// <param name="People">Nuclei that people drew.</param>
/// <param name="MissedByBoth">Of those, found by neither.</param>
/// <param name="MissedByStudent">Of those, found by the teacher alone.</param>
/// <param name="MissedByTeacher">Of those, found by the student alone.</param>
/// <param name="Extra">Nuclei of the student that people did not draw.</param>
/// <param name="SharedExtra">Of those, ones that the teacher found too.</param>
internal sealed record Bias(int People, int MissedByBoth, int MissedByStudent, int MissedByTeacher, int Extra, int SharedExtra)
{
    public static Bias Of(LabelImage people, LabelImage teacher, LabelImage student)
    {
        var byTeacher = Matched(LabelOverlap.Of(people, teacher)).Truth;
        var withStudent = LabelOverlap.Of(people, student);
        var (byStudent, right) = Matched(withStudent);
        var taught = Matched(LabelOverlap.Of(teacher, student)).Predicted;
        var all = Enumerable.Range(0, withStudent.Truth.Count).ToList();
        var extra = Enumerable.Range(0, withStudent.Predicted.Count).Where(n => !right.Contains(n)).ToList();
        return new Bias(
            all.Count,
            all.Count(n => !byTeacher.Contains(n) && !byStudent.Contains(n)),
            all.Count(n => byTeacher.Contains(n) && !byStudent.Contains(n)),
            all.Count(n => !byTeacher.Contains(n) && byStudent.Contains(n)),
            extra.Count,
            extra.Count(taught.Contains));
    }

    public static Bias operator +(Bias a, Bias b) => new(
        a.People + b.People, a.MissedByBoth + b.MissedByBoth, a.MissedByStudent + b.MissedByStudent, a.MissedByTeacher + b.MissedByTeacher, a.Extra + b.Extra, a.SharedExtra + b.SharedExtra);

    // LabelOverlap numbers nuclei in scan order, so numbers of one image mean the same in all its comparisons.
    private static (HashSet<int> Truth, HashSet<int> Predicted) Matched(LabelOverlap overlap) =>
        ([.. overlap.Matches.Select(p => p.Truth)], [.. overlap.Matches.Select(p => p.Predicted)]);
}
