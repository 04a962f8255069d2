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
    private DataSet(DataSetConfiguration configuration, List<LabelledImage> images)
    {
        Configuration = configuration;
        Images = images;
    }

    public DataSetConfiguration Configuration { get; }

    public IReadOnlyList<LabelledImage> Images { get; }

    /// <summary>Reads the images and their labels.</summary>
    /// <param name="configuration">The set.</param>
    /// <param name="baseFolder">Folder from which a relative one is looked up.</param>
    /// <exception cref="TrainingException">The folder is no data set, or labels are missing.</exception>
    /// <exception cref="SlideException">A file can't be read.</exception>
    public static DataSet Load(DataSetConfiguration configuration, string baseFolder)
    {
        var folder = Path.GetFullPath(Path.Combine(baseFolder, configuration.Folder));
        var maps = configuration.Maps is { } given ? Path.GetFullPath(Path.Combine(baseFolder, given)) : Path.Combine(folder, "maps");
        Mpp? mapsMpp = configuration.Maps is not null || Directory.Exists(maps) ? MapsInfo.Read(maps) : null;
        var images = new List<LabelledImage>();
        foreach (var tile in TileFile.In(folder, configuration.Only))
        {
            var labels = tile.Labels ?? throw new TrainingException(tile.Picture, $"its labels are missing: labels/{tile.Name} ({string.Join(", ", TileFile.LabelExtensions)}).");
            var image = TilePicture.Read(tile.Picture);
            var mpp = new Mpp(configuration.Mpp);
            var soft = mapsMpp is { } pixel ? new SoftTarget(SoftMaps.Read(Path.Combine(maps, tile.Name + ".png")), new WorkingGrid(image.Size, mpp, pixel).Scale) : null;
            images.Add(new LabelledImage(tile.Name, image, LabelImageFile.Read(labels, image.Size), mpp, soft));
        }

        return new DataSet(configuration, images);
    }
}
