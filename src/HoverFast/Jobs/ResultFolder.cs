using HoverFast.Pipeline;

namespace HoverFast.Jobs;

/// <summary>A folder of results: which files a slide's result has there, and what they are called.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Options">Which files are wanted.</param>
internal sealed record ResultFolder(string Path, ResultOptions Options)
{
    /// <summary>Pixels of a picture that is still looked at and drawn over as a whole.</summary>
    public const long LargestPicture = 64_000_000;

    /// <summary>Makes the folder if it is missing.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{Path}: the folder of results can't be made ({e.Message}); name another one.", e);
        }
    }

    /// <summary>Where an input's finished tiles are kept while it is under way.</summary>
    public string JournalOf(SlideInput input) => System.IO.Path.Combine(Path, input.Name + ".journal");

    /// <summary>The file that tells which run is writing an input's result.</summary>
    public string LockOf(SlideInput input) => System.IO.Path.Combine(Path, input.Name + ".lock");

    /// <summary>Where an input's manifest lies.</summary>
    public string ManifestOf(SlideInput input) => Manifest.PathFor(Path, input.Name);

    /// <summary>The files that a slide's result will have.</summary>
    public IReadOnlyList<ResultFile> FilesOf(SlideInput input, SlideSession session)
    {
        var small = session.Slide.Levels.Count == 1 && session.Slide.Levels[0].Size.Area <= LargestPicture;
        var kinds = Options.Kinds ?? (small ? [ResultKind.GeoJson, ResultKind.Labels, ResultKind.Overlay] : [ResultKind.GeoJson]);
        return
        [
            .. kinds
                .Distinct()
                .Select(kind => new ResultFile(
                    kind,
                    System.IO.Path.Combine(Path, Options.FileOf?.Invoke(input.Name, kind) ?? NameOf(input.Name, kind, small)),
                    kind == ResultKind.Overlay && Options.OverlayColours == OverlayColours.MatchProbability ? "match probability" : null)),
        ];
    }

    /// <summary>What the names of results' files end in, after the result's name; each once.</summary>
    internal static IReadOnlyList<string> Endings { get; } =
        [.. Enum.GetValues<ResultKind>().SelectMany(kind => (string[])[NameOf("", kind, small: false), NameOf("", kind, small: true)]).Distinct()];

    private static string NameOf(string name, ResultKind kind, bool small) => name + kind switch
    {
        ResultKind.GeoJson => ".geojson.gz",
        ResultKind.Csv => ".csv",
        ResultKind.Parquet => ".parquet",
        ResultKind.Labels => small ? ".labels.png" : ".labels.tif",
        ResultKind.Overlay => ".overlay.png",
        ResultKind.Overview => ".overview.png",
        ResultKind.DicomAnnotations => ".ann.dcm",
        ResultKind.Dsa => ".dsa.json",
        ResultKind.Quality => ".quality.json",
        ResultKind.QualityMap => ".quality.png",
        ResultKind.QualityRegions => ".quality.geojson",
        ResultKind.Maps => ".maps.tif",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
