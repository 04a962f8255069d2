using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

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
    /// <param name="types">Nucleus types to read from FOLDER/types, or null for none.</param>
    /// <exception cref="TrainingException">The folder is no data set, labels are missing, or a type has another name.</exception>
    /// <exception cref="SlideException">A file can't be read.</exception>
    public static DataSet Load(DataSetConfiguration configuration, string baseFolder, IReadOnlyList<ModelCard.NucleusType>? types = null)
    {
        var folder = Path.GetFullPath(Path.Combine(baseFolder, configuration.Folder));
        var maps = configuration.Maps is { } given ? Path.GetFullPath(Path.Combine(baseFolder, given)) : Path.Combine(folder, "maps");
        Mpp? mapsMpp = configuration.Maps is not null || Directory.Exists(maps) ? MapsInfo.Read(maps) : null;
        var images = new List<LabelledImage>();
        foreach (var tile in TileFile.In(folder, configuration.Only))
        {
            var labels = tile.Labels
                ?? throw new TrainingException(tile.Picture, $"its labels are missing: labels/{tile.Name} ({string.Join(", ", TileFile.LabelExtensions)}).");
            var image = TilePicture.Read(tile.Picture);
            var mpp = new Mpp(configuration.Mpp);
            var soft = mapsMpp is { } pixel ? SoftOf(Path.Combine(maps, tile.Name + ".png"), new WorkingGrid(image.Size, mpp, pixel)) : null;
            var ofLabels = TypesOf(Path.Combine(folder, "types", tile.Name + ".csv"), configuration.LeavesTypes ? null : types);
            images.Add(new LabelledImage(tile.Name, image, LabelImageFile.Read(labels, image.Size), mpp, soft, ofLabels)
            {
                Unsure = KnownLabels.FileOf(folder, tile.Name) is { } unsure ? LabelImageFile.Read(unsure, image.Size) : null,
            });
        }

        return new DataSet(configuration, images);
    }

    private static SoftTarget SoftOf(string path, WorkingGrid grid)
    {
        var maps = SoftMaps.Read(path);
        return (maps.Width, maps.Height) == (grid.Size.Width, grid.Size.Height)
            ? new SoftTarget(maps, grid.Scale)
            : throw new TrainingException(
                path,
                $"has soft maps of {maps.Width} x {maps.Height} pixels where its picture's have {grid.Size}: of another picture, or made at another pixel size. Make them again with 'distill label'.");
    }

    private static Dictionary<int, byte>? TypesOf(string path, IReadOnlyList<ModelCard.NucleusType>? types)
    {
        if (types is null || !File.Exists(path))
        {
            return null;
        }

        return TypeTable
            .Labels(path)
            .ToDictionary(
                t => t.Key,
                t =>
                    TypeNames.IndexOf(types, t.Value) is >= 0 and var index
                        ? (byte)(index + 1)
                        : throw new TrainingException(
                            path,
                            $"names the type '{t.Value}', which is none of the run's types ({string.Join(", ", types.Select(k => k.Name))}). Give it to one of them with \"also\"."));
    }
}
