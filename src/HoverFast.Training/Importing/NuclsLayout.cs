using System.Globalization;
using System.Numerics;
using HoverFast.Labels;
using HoverFast.Training.Data;
using nietras.SeparatedValues;

namespace HoverFast.Training.Importing;

/// <summary>
/// NuCLS: rgb/NAME.png and csv/NAME.csv with a row a nucleus: its class, its box (xmin, ymin, xmax, ymax), and for a "polyline" its outline
/// (coords_x, coords_y: numbers with commas between). The row "fov" is the part that was labelled, no nucleus: outside of it lies unlabelled tissue.
/// </summary>
internal static class NuclsLayout
{
    private const string ListOfFields = "ALL_FOV_LOCATIONS.csv";

    /// <summary>Reads the tiles.</summary>
    public static IEnumerable<ImportedTile> Read(string folder)
    {
        // The published folder has other tables too: where the tiles lie, and how they were dealt out.
        foreach (var (name, picture, labels) in FilePairs.Of(folder, ".csv", [".png"], p => IsIn(p, "rgb"), p => IsIn(p, "csv") && !IsList(p)))
        {
            var image = TilePicture.Read(picture);
            var drawing = new NucleusDrawing(labels, image.Size);
            var labelled = Draw(labels, drawing);
            yield return new ImportedTile(PatientOf(name) + name, image, drawing.Labels, drawing.Types) { Unsure = Outside(labelled, drawing.Labels) };
        }

        static bool IsIn(string path, string folder) => Path.GetFileName(Path.GetDirectoryName(path)) == folder;

        static bool IsList(string path) => Path.GetFileName(path).Equals(ListOfFields, StringComparison.OrdinalIgnoreCase);
    }

    // What nobody labelled: outside of all fields, but for the nuclei that were outlined nevertheless. Null where there is no such pixel.
    private static LabelImage? Outside(List<(Vector2 Low, Vector2 High)> fields, LabelImage labels)
    {
        if (fields.Count == 0)
        {
            return null;
        }

        var outside = new LabelImage(labels.Width, labels.Height);
        for (var i = 0; i < outside.Labels.Length; i++)
        {
            var (y, x) = Math.DivRem(i, labels.Width);
            var isKnown = labels.Labels[i] != 0 || fields.Exists(f => x + 0.5f > f.Low.X && x + 0.5f < f.High.X && y + 0.5f > f.Low.Y && y + 0.5f < f.High.Y);
            outside.Labels[i] = isKnown ? 0 : 1;
        }

        return outside.Labels.AsSpan().ContainsAnyExcept(0) ? outside : null;
    }

    // Names begin with the slide, TCGA-XX-XXXX-..., perhaps after a word on the annotator.
    private static string PatientOf(string name)
    {
        const int letters = 12;
        var at = name.IndexOf("TCGA-", StringComparison.Ordinal);
        return at >= 0 && at + letters <= name.Length ? string.Concat(name.AsSpan(at, letters), "__") : "";
    }

    // Gives the fields that were labelled.
    private static List<(Vector2 Low, Vector2 High)> Draw(string path, NucleusDrawing drawing)
    {
        var fields = new List<(Vector2 Low, Vector2 High)>();
        try
        {
            using var reader = Sep.New(',').Reader(o => o with { Unescape = true }).FromFile(path);
            foreach (var row in reader)
            {
                var type = Text(reader, row, "main_classification") ?? Text(reader, row, "super_classification") ?? Text(reader, row, "raw_classification");
                if (type == "fov" || Text(reader, row, "raw_classification") == "fov")
                {
                    fields.Add(Box(row));
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
                    var (low, high) = Box(row);
                    drawing.AddEllipse(low, high, type);
                }
            }

            return fields;
        }
        catch (Exception e) when (e is FormatException or KeyNotFoundException or InvalidDataException or ArgumentException or IndexOutOfRangeException)
        {
            throw new TrainingException(path, $"can't be read as a table of NuCLS ({e.Message.Split('\n')[0]}).", e);
        }
    }

    private static (Vector2 Low, Vector2 High) Box(SepReader.Row row) => (
        new Vector2(Number(row["xmin"].ToString()), Number(row["ymin"].ToString())),
        new Vector2(Number(row["xmax"].ToString()), Number(row["ymax"].ToString())));

    private static string? Text(SepReader reader, SepReader.Row row, string column) =>
        reader.Header.ColNames.Contains(column) && row[column].ToString() is { Length: > 0 } text ? text : null;

    private static float Number(string text) => float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static float[] Numbers(string text) => Array.ConvertAll(text.Split(',', StringSplitOptions.RemoveEmptyEntries), Number);
}
