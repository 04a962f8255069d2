namespace HoverFast.Training.Distillation;

/// <summary>
/// Where student and teacher agree and people do not, counted: what the student took over from its teacher, right or wrong.
/// </summary>
/// <param name="People">Nuclei that people drew.</param>
/// <param name="MissedByBoth">Of those, found by neither.</param>
/// <param name="MissedByStudent">Of those, found by the teacher alone.</param>
/// <param name="MissedByTeacher">Of those, found by the student alone.</param>
/// <param name="Extra">Nuclei of the student that people did not draw.</param>
/// <param name="SharedExtra">Of those, ones that the teacher found too.</param>
internal sealed record Bias(int People, int MissedByBoth, int MissedByStudent, int MissedByTeacher, int Extra, int SharedExtra)
{
    public static Bias Of(Verdicts verdicts) => new(
        verdicts.OfPeople.Count,
        verdicts.OfPeople.Count(v => v == Verdict.MissedByBoth),
        verdicts.OfPeople.Count(v => v == Verdict.MissedByStudent),
        verdicts.OfPeople.Count(v => v == Verdict.MissedByTeacher),
        verdicts.OfStudent.Count(v => v is not null),
        verdicts.OfStudent.Count(v => v == Verdict.SharedExtra));

    public static Bias operator +(Bias a, Bias b) => new(
        a.People + b.People, a.MissedByBoth + b.MissedByBoth, a.MissedByStudent + b.MissedByStudent, a.MissedByTeacher + b.MissedByTeacher, a.Extra + b.Extra, a.SharedExtra + b.SharedExtra);
}
