using System.Globalization;
using System.Numerics;
using System.Xml;
using System.Xml.Linq;
using HoverFast.Training.Data;

namespace HoverFast.Training.Importing;

/// <summary>
/// MoNuSeg: pictures with outlines as Aperio ImageScope writes them (Region, Vertices, Vertex X and Y). The patient is the first twelve letters of a name.
/// </summary>
internal static class ImageScopeLayout
{
    private const int PatientLetters = 12;

    /// <summary>Reads the tiles.</summary>
    public static IEnumerable<ImportedTile> Read(string folder)
    {
        foreach (var (name, picture, labels) in FilePairs.Of(folder, ".xml", [".tif", ".tiff", ".png", ".svs"]))
        {
            var image = TilePicture.Read(picture);
            var drawing = new NucleusDrawing(labels, image.Size);
            foreach (var outline in Outlines(labels))
            {
                drawing.Add([outline], null);
            }

            var patient = name.StartsWith("TCGA-", StringComparison.Ordinal) && name.Length > PatientLetters ? name[..PatientLetters] + "__" : "";
            yield return new ImportedTile(patient + name, image, drawing.Labels, ImportedTile.NoTypes);
        }
    }

    private static List<Vector2[]> Outlines(string path)
    {
        try
        {
            using var reader = XmlReader.Create(path, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var document = XDocument.Load(reader);
            var outlines = document
                .Descendants("Region")
                .Select(r => r.Descendants("Vertex").Select(v => new Vector2(Number(v, "X"), Number(v, "Y"))).ToArray())
                .ToList();
            return outlines.Count > 0 || document.Descendants("Annotation").Any() ? outlines : throw new FormatException("it holds no ImageScope annotation");
        }
        catch (Exception e) when (e is XmlException or FormatException or OverflowException)
        {
            throw new TrainingException(path, $"can't be read as ImageScope outlines ({e.Message}).", e);
        }
    }

    private static float Number(XElement vertex, string name) => float.Parse(
        vertex.Attribute(name)?.Value ?? throw new FormatException($"a vertex lacks {name}"), NumberStyles.Float, CultureInfo.InvariantCulture);
}
