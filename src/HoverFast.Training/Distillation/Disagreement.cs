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
internal sealed record Disagreement(int People, int MissedByBoth, int MissedByStudent, int MissedByTeacher, int Extra, int SharedExtra)
{
    public static Disagreement Of(NucleusMatches matches) => new(
        matches.OfPeople.Count,
        matches.OfPeople.Count(v => v == NucleusMatch.MissedByBoth),
        matches.OfPeople.Count(v => v == NucleusMatch.MissedByStudent),
        matches.OfPeople.Count(v => v == NucleusMatch.MissedByTeacher),
        matches.OfStudent.Count(v => v is not null),
        matches.OfStudent.Count(v => v == NucleusMatch.SharedExtra));

    public static Disagreement operator +(Disagreement a, Disagreement b) =>
        new(
            a.People + b.People,
            a.MissedByBoth + b.MissedByBoth,
            a.MissedByStudent + b.MissedByStudent,
            a.MissedByTeacher + b.MissedByTeacher,
            a.Extra + b.Extra,
            a.SharedExtra + b.SharedExtra);
}
