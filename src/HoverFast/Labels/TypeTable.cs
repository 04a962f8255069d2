using System.Globalization;
using System.Numerics;
using System.Text;
using HoverFast.Files;
using HoverFast.Slides;
using nietras.SeparatedValues;

namespace HoverFast.Labels;

/// <summary>
/// Reads the types that people gave nuclei: CSV files with <c>label,type</c> for the labels of a label image, or <c>x,y,type</c> for points of a picture.
/// </summary>
internal static class TypeTable
{
    private const long MostBytes = 64 << 20;

    /// <summary>Whether a file's first line names points rather than labels.</summary>
    /// <exception cref="SlideException">The file can't be read.</exception>
    public static bool HoldsPoints(string path) => Text(path).Split('\n')[0].Trim().StartsWith("x,y,", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the type of each label.</summary>
    /// <exception cref="SlideException">The file can't be read, or a line can't be understood; the message names it.</exception>
    public static IReadOnlyDictionary<int, string> Labels(string path)
    {
        var types = new Dictionary<int, string>();
        foreach (var (line, cells) in Rows(path, ["label", "type"]))
        {
            if (!int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var label) || label == 0 || !types.TryAdd(label, cells[1]))
            {
                throw new SlideException(path, $"line {line}: '{cells[0]}' is not a label that comes once (1, 2, ...).");
            }
        }

        return types;
    }

    /// <summary>Reads points, in pixels from the upper left corner.</summary>
    /// <exception cref="SlideException">The file can't be read, or a line can't be understood; the message names it.</exception>
    public static IReadOnlyList<(Vector2 Place, string Type)> Points(string path)
    {
        var points = new List<(Vector2, string)>();
        foreach (var (line, cells) in Rows(path, ["x", "y", "type"]))
        {
            points.Add(TryNumber(cells[0], out var x) && TryNumber(cells[1], out var y)
                ? (new Vector2(x, y), cells[2])
                : throw new SlideException(path, $"line {line}: '{cells[0]},{cells[1]}' is not a place in pixels."));
        }

        return points;
    }

    private static bool TryNumber(string text, out float number) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && float.IsFinite(number);

    private static List<(int Line, string[] Cells)> Rows(string path, string[] titles)
    {
        var rows = new List<(int, string[])>();
        try
        {
            using var reader = Sep.New(',').Reader(o => o with { Unescape = true }).FromText(Text(path));
            if (!titles.All(t => reader.Header.ColNames.Contains(t)))
            {
                throw new SlideException(path, $"lacks the columns {string.Join(", ", titles)} in its first line.");
            }

            foreach (var row in reader)
            {
                var cells = new string[titles.Length];
                for (var c = 0; c < cells.Length; c++)
                {
                    cells[c] = row[titles[c]].ToString().Trim();
                }

                rows.Add((row.LineNumberFrom, cells));
            }
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or ArgumentException or NotSupportedException or KeyNotFoundException)
        {
            throw new SlideException(path, $"can't be read as a table of nucleus types ({e.Message}).", e);
        }

        return rows;
    }

    private static string Text(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(RegularFile.ReadAllBytes(path, MostBytes)).TrimStart('\uFEFF').ReplaceLineEndings("\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, $"can't be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
