using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Output;

namespace HoverFast.Training.Distillation;

/// <summary>The verdicts on all nuclei of an image, people's and the student's. Nuclei count as the same at IoU above 0.5.</summary>
internal sealed class Verdicts
{
    private readonly LabelOverlap _overlap;

    /// <summary>Compares three label images of one size.</summary>
    public Verdicts(LabelImage people, LabelImage teacher, LabelImage student)
    {
        var byTeacher = LabelOverlap.Of(people, teacher).Matches.Select(p => p.Truth).ToHashSet();
        var taught = LabelOverlap.Of(teacher, student).Matches.Select(p => p.Predicted).ToHashSet();
        _overlap = LabelOverlap.Of(people, student);
        var byStudent = _overlap.Matches.Select(p => p.Truth).ToHashSet();
        var right = _overlap.Matches.Select(p => p.Predicted).ToHashSet();

        // Nuclei are numbered in scan order, so numbers of one image mean the same in all its comparisons.
        OfPeople = [.. Enumerable.Range(0, _overlap.Truth.Count).Select(n => (byTeacher.Contains(n), byStudent.Contains(n)) switch
        {
            (true, true) => Verdict.Found,
            (true, false) => Verdict.MissedByStudent,
            (false, true) => Verdict.MissedByTeacher,
            _ => Verdict.MissedByBoth,
        })];
        OfStudent = [.. Enumerable.Range(0, _overlap.Predicted.Count).Select(n =>
            right.Contains(n) ? (Verdict?)null : taught.Contains(n) ? Verdict.SharedExtra : Verdict.OwnExtra)];
    }

    /// <summary>Of each nucleus that people drew, in scan order.</summary>
    public IReadOnlyList<Verdict> OfPeople { get; }

    /// <summary>Of each nucleus of the student, in scan order: extra, or null where people drew it too.</summary>
    public IReadOnlyList<Verdict?> OfStudent { get; }

    /// <summary>Of the nucleus with this label in people's image.</summary>
    public Verdict OfPeoplesLabel(int label) => OfPeople[_overlap.Truth.NumberOf(label)];

    /// <summary>Of the nucleus with this label in the student's image.</summary>
    public Verdict? OfStudentsLabel(int label) => OfStudent[_overlap.Predicted.NumberOf(label)];
}
