using HoverFast.Output;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>A folder of labelled images: DIR/images/X.{png,jpg,tif} beside DIR/labels/X.png, all of one pixel size.</summary>
public sealed record DataSetConfiguration
{
    /// <summary>Short name, for tables and the model card.</summary>
    public required string Name { get; init; }

    /// <summary>The folder; a relative one is looked up from the configuration file's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Pixel size of the images in um/px.</summary>
    public required double Mpp { get; init; }

    /// <summary>How often crops come from this set, relative to the others.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Licence of the data, for the model card.</summary>
    public string Licence { get; init; } = "";

    /// <summary>Where the data comes from, for the model card.</summary>
    public string Source { get; init; } = "";
}

/// <summary>The labelled images of a <see cref="DataSetConfiguration"/>, in memory.</summary>
internal sealed class DataSet
{
    private static readonly string[] _extensions = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"];

    private DataSet(DataSetConfiguration configuration, List<LabelledImage> images)
    {
        Configuration = configuration;
        Images = images;
    }

    public DataSetConfiguration Configuration { get; }

    public IReadOnlyList<LabelledImage> Images { get; }

    public static DataSet Load(DataSetConfiguration configuration, string baseFolder)
    {
        var folder = Path.GetFullPath(Path.Combine(baseFolder, configuration.Folder));
        var imageFolder = Path.Combine(folder, "images");
        if (!Directory.Exists(imageFolder))
        {
            throw new DirectoryNotFoundException($"{imageFolder}: no such folder. A data set is a folder with images/ and labels/ beside each other.");
        }

        var images = new List<LabelledImage>();
        foreach (var file in Directory.EnumerateFiles(imageFolder).Where(f => _extensions.Contains(Path.GetExtension(f).ToLowerInvariant())).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var labels = Path.Combine(folder, "labels", name + ".png");
            if (!File.Exists(labels))
            {
                throw new FileNotFoundException($"{file}: its labels {labels} are missing.", labels);
            }

            images.Add(new LabelledImage(name, RgbImageFile.Read(file), LabelImageFile.Read(labels), new Mpp(configuration.Mpp)));
        }

        return images.Count > 0 ? new DataSet(configuration, images) : throw new InvalidDataException($"{imageFolder}: holds no images.");
    }
}
