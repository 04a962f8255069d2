using HoverFast.Labels;
using HoverFast.Output;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>A folder of labelled images: DIR/images/X.{png,jpg,tif} beside DIR/labels/X.{png,tif,geojson,geojson.gz} (label images, or outlines as QuPath exports them), all of one pixel size.</summary>
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

    /// <summary>Names of the images to take, without extension; null for all.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    /// <summary>A folder of a teacher's soft maps of these images (from <c>distill label</c>), or null for FOLDER/maps where there is one.</summary>
    public string? Maps { get; init; }

    /// <summary>Share of the teacher's soft maps in the targets, 0 to 1; the rest is the labels. Null for the run's own.</summary>
    public double? Mix { get; init; }

    /// <summary>Licence of the data, for the model card.</summary>
    public string Licence { get; init; } = "";

    /// <summary>Where the data comes from, for the model card.</summary>
    public string Source { get; init; } = "";
}

/// <summary>The labelled images of a <see cref="DataSetConfiguration"/>, in memory.</summary>
internal sealed class DataSet
{
    private static readonly string[] _extensions = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"];

    private static readonly string[] _labelExtensions = [".png", ".tif", ".tiff", ".geojson", ".geojson.gz"];

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

        var maps = configuration.Maps is { } given ? Path.GetFullPath(Path.Combine(baseFolder, given)) : Path.Combine(folder, "maps");
        Mpp? mapsMpp = configuration.Maps is not null || Directory.Exists(maps) ? MapsInfo.Read(maps) : null;
        var images = new List<LabelledImage>();
        foreach (var file in Directory.EnumerateFiles(imageFolder).Where(f => _extensions.Contains(Path.GetExtension(f).ToLowerInvariant())).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (configuration.Only is { } only && !only.Contains(name))
            {
                continue;
            }

            var labels = _labelExtensions.Select(e => Path.Combine(folder, "labels", name + e)).FirstOrDefault(File.Exists)
                ?? throw new FileNotFoundException($"{file}: its labels {Path.Combine(folder, "labels", name)} ({string.Join(", ", _labelExtensions)}) are missing.");

            var image = RgbImageFile.Read(file);
            var mpp = new Mpp(configuration.Mpp);
            var soft = mapsMpp is { } pixel ? new SoftTarget(SoftMaps.Read(Path.Combine(maps, name + ".png")), new WorkingGrid(image.Size, mpp, pixel).Scale) : null;
            images.Add(new LabelledImage(name, image, LabelImageFile.Read(labels, image.Size), mpp, soft));
        }

        return images.Count > 0 ? new DataSet(configuration, images) : throw new InvalidDataException($"{imageFolder}: holds no images.");
    }
}
