using System.Globalization;
using System.Numerics;
using HoverFast.Training.Data;
using nietras.SeparatedValues;

namespace HoverFast.Training.Importing;

/// <summary>
/// NuCLS: rgb/NAME.png and csv/NAME.csv with a row a nucleus: its class, its box (xmin, ymin, xmax, ymax), and for a "polyline" its outline
/// (coords_x, coords_y: numbers with commas between). The row "fov" is the part that was labelled, no nucleus.
/// </summary>
internal static class NuclsLayout
{
    /// <summary>Reads the tiles.</summary>
    public static IEnumerable<ImportedTile> Read(string folder)
    {
        foreach (var (name, picture, labels) in FilePairs.Of(folder, ".csv", [".png"], p => Path.GetFileName(Path.GetDirectoryName(p)) == "rgb"))
        {
            var image = TilePicture.Read(picture);
            var drawing = new NucleusDrawing(image.Size);
            Draw(labels, drawing);
            yield return new ImportedTile(PatientOf(name) + name, image, drawing.Labels, drawing.Types);
        }
    }

    // Names begin with the slide, TCGA-XX-XXXX-..., perhaps after a word on the annotator.
    private static string PatientOf(string name)
    {
        const int letters = 12;
        var at = name.IndexOf("TCGA-", StringComparison.Ordinal);
        return at >= 0 && at + letters <= name.Length ? string.Concat(name.AsSpan(at, letters), "__") : "";
    }

    private static void Draw(string path, NucleusDrawing drawing)
    {
        try
        {
            using var reader = Sep.New(',').Reader(o => o with { Unescape = true }).FromFile(path);
            foreach (var row in reader)
            {
                var type = Text(reader, row, "main_classification") ?? Text(reader, row, "super_classification") ?? Text(reader, row, "raw_classification");
                if (type == "fov" || Text(reader, row, "raw_classification") == "fov")
                {
                    continue;
                }

                if (row["type"].ToString() == "polyline")
                {
                    var (x, y) = (Numbers(row["coords_x"].ToString()), Numbers(row["coords_y"].ToString()));
                    drawing.Add(
                        x.Length == y.Length
                            ?
                            [
                                [.. x.Zip(y, (u, v) => new Vector2(u, v))],
                            ]
                            : throw new FormatException($"line {row.LineNumberFrom}: coords_x and coords_y differ in length"),
                        type);
                }
                else
                {
                    drawing.AddEllipse(
                        new Vector2(Number(row["xmin"].ToString()), Number(row["ymin"].ToString())),
                        new Vector2(Number(row["xmax"].ToString()), Number(row["ymax"].ToString())),
                        type);
                }
            }
        }
        catch (Exception e) when (e is FormatException or KeyNotFoundException or InvalidDataException or ArgumentException or IndexOutOfRangeException)
        {
            throw new TrainingException(path, $"can't be read as a table of NuCLS ({e.Message.Split('\n')[0]}).", e);
        }
    }

    private static string? Text(SepReader reader, SepReader.Row row, string column) =>
        reader.Header.ColNames.Contains(column) && row[column].ToString() is { Length: > 0 } text ? text : null;

    private static float Number(string text) => float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static float[] Numbers(string text) => Array.ConvertAll(text.Split(',', StringSplitOptions.RemoveEmptyEntries), Number);
}
