using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Distillation;
using Xunit;

namespace HoverFast.Training.Tests;

public sealed class NucleusMatchTests
{
    // Squares of 6 x 6 in slots of a row; 0: none.
    private static LabelImage Row(params int[] labels)
    {
        var image = new LabelImage(labels.Length * 10, 10);
        for (var slot = 0; slot < labels.Length; slot++)
        {
            for (var y = 2; y < 8; y++)
            {
                image.Labels.AsSpan((y * image.Width) + (slot * 10) + 2, 6).Fill(labels[slot]);
            }
        }

        return image;
    }

    private readonly LabelImage _people = Row(7, 2, 3, 4, 0, 0, 0);
    private readonly LabelImage _teacher = Row(1, 2, 0, 0, 5, 0, 6);
    private readonly LabelImage _student = Row(9, 0, 3, 0, 2, 1, 0);

    [Fact]
    public void EachNucleusHasItsMatch()
    {
        var matches = new NucleusMatches(_people, _teacher, _student);

        Assert.Equal([NucleusMatch.Found, NucleusMatch.MissedByStudent, NucleusMatch.MissedByTeacher, NucleusMatch.MissedByBoth], matches.OfPeople);
        Assert.Equal([null, null, NucleusMatch.SharedExtra, NucleusMatch.OwnExtra], matches.OfStudent);
        Assert.Equal(NucleusMatch.Found, matches.OfPeoplesLabel(7));
        Assert.Equal(NucleusMatch.OwnExtra, matches.OfStudentsLabel(1));
        Assert.Equal(new Disagreement(4, 1, 1, 1, 2, 1), Disagreement.Of(matches));
    }

    [Fact]
    public void TheLegendNamesEachColour()
    {
        var picture = new RgbImage(500, 10);

        var whole = DisagreementPicture.WithLegend(picture);

        Assert.Equal(500, whole.Width);
        (byte, byte, byte)[] colours = [(0, 200, 0), (255, 0, 0), (255, 140, 0), (0, 220, 220), (0, 60, 255), (255, 255, 0)];
        for (var line = 0; line < colours.Length; line++)
        {
            var y = 10 + ((line + 1) * 18);
            Assert.Equal(colours[line], At(18, y - 5));
            Assert.InRange(Enumerable.Range(38, 300).Sum(x => Enumerable.Range(y - 11, 12).Count(v => At(x, v).Item1 < 100)), 150, 2000);
        }

        (byte, byte, byte) At(int x, int y)
        {
            var at = ((y * whole.Width) + x) * 3;
            return (whole.Pixels[at], whole.Pixels[at + 1], whole.Pixels[at + 2]);
        }
    }

    [Fact]
    public void ThePictureShowsTissueInsideOutlinesAndOneColourAMatch()
    {
        var picture = new RgbImage(70, 10);
        picture.Pixels.AsSpan().Fill(128);

        var drawn = DisagreementPicture.Draw(picture, _people, _student, new NucleusMatches(_people, _teacher, _student));

        Assert.Equal((140, 20), (drawn.Width, drawn.Height));
        Assert.Equal((128, 128, 128), Pixel(0, 0));
        Assert.Equal((128, 128, 128), Pixel(9, 9));
        (int, int, int)[] edges = [(0, 200, 0), (255, 140, 0), (0, 220, 220), (255, 0, 0), (0, 60, 255), (255, 255, 0), (128, 128, 128)];
        Assert.Equal(edges, Enumerable.Range(0, 7).Select(slot => Pixel((slot * 20) + 4, 10)));

        (int, int, int) Pixel(int x, int y)
        {
            var at = ((y * drawn.Width) + x) * 3;
            return (drawn.Pixels[at], drawn.Pixels[at + 1], drawn.Pixels[at + 2]);
        }
    }
}
