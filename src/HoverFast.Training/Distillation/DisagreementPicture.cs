using HoverFast.Labels;
using HoverFast.Output;
using HoverFast.Slides;

namespace HoverFast.Training.Distillation;

/// <summary>
/// Where people, teacher and student disagree, to look at: people's nuclei outlined by who found them, the student's extra ones by whether the teacher has them too.
/// </summary>
internal static class DisagreementPicture
{
    /// <summary>What the colours mean, for people.</summary>
    public const string Legend =
        "green: drawn by people, found by student and teacher; red: drawn, found by neither; orange: drawn, found by the teacher alone; " +
        "cyan: drawn, found by the student alone; blue: found by student and teacher, not drawn (as the teacher does); yellow: found by the student alone, not drawn";

    /// <summary>Draws on a copy of the picture, twice as large, so that the tissue under the outlines is still seen.</summary>
    public static RgbImage Draw(RgbImage picture, LabelImage people, LabelImage student, NucleusMatches matches)
    {
        var drawn = new RgbImage(picture.Width * 2, picture.Height * 2);
        for (var y = 0; y < drawn.Height; y++)
        {
            for (var x = 0; x < drawn.Width; x++)
            {
                var from = ((y / 2 * picture.Width) + (x / 2)) * 3;
                var to = ((y * drawn.Width) + x) * 3;
                var colour = Edge(people, x, y) is { } drawnNucleus ? Colour(matches.OfPeoplesLabel(drawnNucleus))
                    : Edge(student, x, y) is { } found && matches.OfStudentsLabel(found) is { } extra ? Colour(extra)
                    : (picture.Pixels[from], picture.Pixels[from + 1], picture.Pixels[from + 2]);
                (drawn.Pixels[to], drawn.Pixels[to + 1], drawn.Pixels[to + 2]) = colour;
            }
        }

        return drawn;
    }

    // The label of a pixel of the doubled picture that has a neighbour of another label.
    private static int? Edge(LabelImage labels, int x, int y)
    {
        var label = At(labels, x, y);
        return label != 0 && (At(labels, x - 1, y) != label || At(labels, x + 1, y) != label || At(labels, x, y - 1) != label || At(labels, x, y + 1) != label) ? label : null;
    }

    private static int At(LabelImage labels, int x, int y)
    {
        (x, y) = (x >> 1, y >> 1);
        return x >= 0 && y >= 0 && x < labels.Width && y < labels.Height ? labels.Labels[(y * labels.Width) + x] : 0;
    }

    private static (byte R, byte G, byte B) Colour(NucleusMatch match) => match switch
    {
        NucleusMatch.Found => (0, 200, 0),
        NucleusMatch.MissedByBoth => (255, 0, 0),
        NucleusMatch.MissedByStudent => (255, 140, 0),
        NucleusMatch.MissedByTeacher => (0, 220, 220),
        NucleusMatch.SharedExtra => (0, 60, 255),
        _ => (255, 255, 0),
    };
}
