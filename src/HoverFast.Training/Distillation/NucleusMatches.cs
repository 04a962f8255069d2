using HoverFast.Evaluation;
using HoverFast.Labels;

namespace HoverFast.Training.Distillation;

/// <summary>How people, teacher and student match on all nuclei of an image, people's and the student's. Nuclei count as the same at IoU above 0.5.</summary>
internal sealed class NucleusMatches
{
    private readonly LabelOverlap _overlap;

    /// <summary>Compares three label images of one size.</summary>
    public NucleusMatches(LabelImage people, LabelImage teacher, LabelImage student)
    {
        var byTeacher = LabelOverlap.Of(people, teacher).Matches.Select(p => p.Truth).ToHashSet();
        var taught = LabelOverlap.Of(teacher, student).Matches.Select(p => p.Predicted).ToHashSet();
        _overlap = LabelOverlap.Of(people, student);
        var byStudent = _overlap.Matches.Select(p => p.Truth).ToHashSet();
        var right = _overlap.Matches.Select(p => p.Predicted).ToHashSet();

        // Nuclei are numbered in scan order, so numbers of one image mean the same in all its comparisons.
        OfPeople = [.. Enumerable.Range(0, _overlap.Truth.Count).Select(n => (byTeacher.Contains(n), byStudent.Contains(n)) switch
        {
            (true, true) => NucleusMatch.Found,
            (true, false) => NucleusMatch.MissedByStudent,
            (false, true) => NucleusMatch.MissedByTeacher,
            _ => NucleusMatch.MissedByBoth,
        })];
        OfStudent = [.. Enumerable.Range(0, _overlap.Predicted.Count).Select(n =>
            right.Contains(n) ? (NucleusMatch?)null : taught.Contains(n) ? NucleusMatch.SharedExtra : NucleusMatch.OwnExtra)];
    }

    /// <summary>Of each nucleus that people drew, in scan order.</summary>
    public IReadOnlyList<NucleusMatch> OfPeople { get; }

    /// <summary>Of each nucleus of the student, in scan order: extra, or null where people drew it too.</summary>
    public IReadOnlyList<NucleusMatch?> OfStudent { get; }

    /// <summary>Of the nucleus with this label in people's image.</summary>
    public NucleusMatch OfPeoplesLabel(int label) => OfPeople[_overlap.Truth.NumberOf(label)];

    /// <summary>Of the nucleus with this label in the student's image.</summary>
    public NucleusMatch? OfStudentsLabel(int label) => OfStudent[_overlap.Predicted.NumberOf(label)];
}
