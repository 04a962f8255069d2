using HoverFast.Labels;
using HoverFast.Output.Drawing;
using HoverFast.Slides;

namespace HoverFast.Training.Distillation;

/// <summary>
/// Where people, teacher and student disagree, to look at: people's nuclei outlined by who found them, the student's extra ones by whether the teacher has them
/// too.
/// </summary>
internal static class DisagreementPicture
{
    private const int LetterSize = 13;
    private const int LineHeight = 18;
    private const int Swatch = 12;
    private const int LeastWidth = 400;

    private static readonly (NucleusMatch Match, string Words)[] _meanings =
    [
        (NucleusMatch.Found, "drawn by people, found by student and teacher"),
        (NucleusMatch.MissedByBoth, "drawn by people, found by neither"),
        (NucleusMatch.MissedByStudent, "drawn by people, found by the teacher alone"),
        (NucleusMatch.MissedByTeacher, "drawn by people, found by the student alone"),
        (NucleusMatch.SharedExtra, "not drawn, found by student and teacher"),
        (NucleusMatch.OwnExtra, "not drawn, found by the student alone"),
    ];

    /// <summary>The picture with what its colours mean below it.</summary>
    public static RgbImage WithLegend(RgbImage picture)
    {
        var whole = new RgbImage(Math.Max(LeastWidth, picture.Width), picture.Height + ((_meanings.Length + 1) * LineHeight));
        whole.Span.Fill(255);
        for (var y = 0; y < picture.Height; y++)
        {
            picture.Row(y).CopyTo(whole.Row(y));
        }

        for (var i = 0; i < _meanings.Length; i++)
        {
            var (match, words) = _meanings[i];
            var baseline = picture.Height + ((i + 1) * LineHeight);
            var (r, g, b) = Colour(match);
            for (var y = baseline - Swatch + 1; y <= baseline; y++)
            {
                for (var x = LetterSize; x < LetterSize + Swatch; x++)
                {
                    (whole.Row(y)[x * 3], whole.Row(y)[(x * 3) + 1], whole.Row(y)[(x * 3) + 2]) = (r, g, b);
                }
            }

            Lettering.Write(whole, words, (2 * LetterSize) + Swatch, baseline, LetterSize, (0, 0, 0));
        }

        return whole;
    }

    /// <summary>Draws on a copy of the picture, twice as large, so that the tissue under the outlines is still seen.</summary>
    public static RgbImage Draw(RgbImage picture, LabelImage people, LabelImage student, NucleusMatches matches) =>
        LabelEdges.Draw(
            picture,
            people,
            student,
            label => Colour(matches.OfPeoplesLabel(label)),
            label => matches.OfStudentsLabel(label) is { } extra ? Colour(extra) : null,
            times: 2);

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
