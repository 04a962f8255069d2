using System.Globalization;
using System.Text;
using HoverFast.Files;
using HoverFast.Output.Drawing;
using HoverFast.Slides;

namespace HoverFast.Evaluation;

/// <summary>Where over a slide two results disagree, field by field: a table and a picture.</summary>
public sealed class DifferenceFields
{
    /// <summary>Microns on a side of a field.</summary>
    public const double Side = 256;

    /// <summary>Nuclei of both results below which a field's agreement says nothing.</summary>
    private const int Few = 5;

    /// <summary>Pixels of the picture on a side of a field, and of the whole picture at most.</summary>
    private const int UsualBlock = 16;
    private const int LargestPicture = 4096;

    /// <summary>So that the scale's words have room.</summary>
    private const int LeastWidth = 460;

    private readonly double _mpp;

    internal DifferenceFields(IReadOnlyList<DifferenceField> fields, double mpp) => (Fields, _mpp) = (fields, mpp);

    /// <summary>The fields with nuclei, row by row.</summary>
    public IReadOnlyList<DifferenceField> Fields { get; }

    /// <summary>Writes a table (CSV): each field's upper left corner in pixels and um, nuclei, agreement.</summary>
    /// <param name="path">Where to; whole or not at all.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public void WriteTable(string path)
    {
        var text = new StringBuilder("x_px,y_px,x_um,y_um,matched,only_in_first,only_in_second,drawn_otherwise,agreement\n");
        foreach (var field in Fields)
        {
            var (x, y) = (field.Column * Side, field.Row * Side);
            text.Append(CultureInfo.InvariantCulture, $"{x / _mpp:0.##},{y / _mpp:0.##},{x},{y},");
            text.Append(CultureInfo.InvariantCulture, $"{field.Matched},{field.FirstAlone},{field.SecondAlone},{field.DrawnOtherwise},{field.Agreement:0.0000}\n");
        }

        PartialFile.WriteText(path, text.ToString());
    }

    /// <summary>
    /// Draws a map (PNG): each field by its agreement, from red where nothing agrees to cyan where all does; grey with few nuclei, white with none.
    /// </summary>
    /// <param name="path">Where to; whole or not at all.</param>
    /// <exception cref="InvalidDataException">The nuclei lie farther apart than slides are large.</exception>
    /// <exception cref="IOException">It can't be written.</exception>
    public void WritePicture(string path)
    {
        var (columns, rows) = (Fields.Select(f => f.Column + 1).DefaultIfEmpty(1).Max(), Fields.Select(f => f.Row + 1).DefaultIfEmpty(1).Max());
        if (Math.Max(columns, rows) > LargestPicture)
        {
            throw new InvalidDataException($"the nuclei lie {Math.Max(columns, rows) * Side / 1000:0} mm apart, farther than slides are large; is the pixel size right?");
        }

        var block = Math.Clamp(LargestPicture / Math.Max(columns, rows), 1, UsualBlock);
        var map = new RgbImage(Math.Max(LeastWidth, columns * block), rows * block);
        map.Span.Fill(byte.MaxValue);
        foreach (var field in Fields)
        {
            var (r, g, b) = ProbabilityScale.ColourOf(field.Nuclei < Few ? double.NaN : field.Agreement);
            for (var y = field.Row * block; y < (field.Row + 1) * block; y++)
            {
                for (var x = field.Column * block; x < (field.Column + 1) * block; x++)
                {
                    var pixel = map.Row(y).Slice(3 * x, 3);
                    (pixel[0], pixel[1], pixel[2]) = (r, g, b);
                }
            }
        }

        RgbImageFile.WritePng(path, ProbabilityScale.Below(map, $"Share of nuclei that agree, in fields of {Side} um; grey: fewer than {Few} nuclei"));
    }
}
