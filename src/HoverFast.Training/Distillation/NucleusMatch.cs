namespace HoverFast.Training.Distillation;

/// <summary>What people, teacher and student make of one nucleus.</summary>
internal enum NucleusMatch
{
    /// <summary>People drew it; student and teacher found it.</summary>
    Found,

    /// <summary>People drew it; only the student found it.</summary>
    MissedByTeacher,

    /// <summary>People drew it; only the teacher found it.</summary>
    MissedByStudent,

    /// <summary>People drew it; neither found it.</summary>
    MissedByBoth,

    /// <summary>The student found it and so did the teacher; people did not draw it.</summary>
    SharedExtra,

    /// <summary>The student alone found it.</summary>
    OwnExtra,
}
