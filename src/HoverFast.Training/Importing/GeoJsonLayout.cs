using HoverFast.Labels;
using HoverFast.Training.Data;

namespace HoverFast.Training.Importing;

/// <summary>
/// Pictures with outlines as QuPath exports them, each with its class: PUMA (NAME.tif, NAME_nuclei.geojson) and anybody's own. Annotations count only where a
/// file has no detection or cell; of a cell the nucleus counts.
/// </summary>
internal static class GeoJsonLayout
{
    private static readonly string[] _pictures = [".tif", ".tiff", ".png", ".jpg", ".jpeg"];

    /// <summary>Reads the tiles.</summary>
    /// <param name="folder">The data set.</param>
    /// <param name="suffix">What label files' names have beyond the pictures'.</param>
    /// <param name="typePrefix">What is taken off the front of each class's name.</param>
    public static IEnumerable<ImportedTile> Read(string folder, string suffix, string typePrefix)
    {
        var ending = suffix + ".geojson";
        foreach (var (name, picture, labels) in FilePairs.Of(folder, ending, _pictures))
        {
            var image = TilePicture.Read(picture);
            var drawing = new NucleusDrawing(labels, image.Size);
            foreach (var nucleus in OutlineFile.ReadNuclei(labels))
            {
                drawing.Add(
                    nucleus.InPixels(),
                    nucleus.Type is { } type && type.StartsWith(typePrefix, StringComparison.Ordinal) ? type[typePrefix.Length..] : nucleus.Type);
            }

            yield return new ImportedTile(name, image, drawing.Labels, drawing.Types);
        }
    }
}
