namespace HoverFast.Training.Data;

/// <summary>
/// A folder of labelled images: DIR/images/X.{png,jpg,tif} beside DIR/labels/X.{png,tif,geojson,geojson.gz} (label images, or outlines as QuPath exports them),
/// all of one pixel size.
/// </summary>
public sealed record DataSetConfiguration
{
    /// <summary>Short name, for tables and the model card.</summary>
    public required string Name { get; init; }

    /// <summary>The folder; a relative one is looked up from the configuration file's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Pixel size of the images in um/px; left out, it is what FOLDER/dataset.json says.</summary>
    [Within(0.05, 5)]
    public double Mpp { get; init; }

    /// <summary>How often crops come from this set, relative to the others.</summary>
    [Within(0, double.PositiveInfinity, Above = true)]
    public double Weight { get; init; } = 1;

    /// <summary>Names of the images to take, without extension; null for all.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    /// <summary>A folder of a teacher's soft maps of these images (from <c>distill label</c>), or null for FOLDER/maps where there is one.</summary>
    public string? Maps { get; init; }

    /// <summary>Share of the teacher's soft maps in the targets, 0 to 1; the rest is the labels. Null for the run's own.</summary>
    [Within(0, 1)]
    public double? Mix { get; init; }

    /// <summary>Licence of the data, for the model card; left out, it is what FOLDER/dataset.json says.</summary>
    public string Licence { get; init; } = "";

    /// <summary>Where the data comes from, for the model card; left out, it is what FOLDER/dataset.json says.</summary>
    public string Source { get; init; } = "";

    /// <summary>Whether nucleus types that the folder has are left aside.</summary>
    internal bool LeavesTypes { get; init; }

    /// <summary>The set with what its folder's own description adds to it.</summary>
    /// <param name="baseFolder">Folder from which a relative one is looked up.</param>
    /// <exception cref="TrainingException">The description is damaged.</exception>
    internal DataSetConfiguration Described(string baseFolder) => DataSetInfo.Read(Path.GetFullPath(Path.Combine(baseFolder, Folder))) is not { } info
        ? this
        : this with
        {
            Mpp = Mpp == 0 ? info.Mpp ?? 0 : Mpp,
            Licence = Licence.Length > 0 ? Licence : info.Licence,
            Source = Source.Length > 0 ? Source : info.Source,
        };
}
