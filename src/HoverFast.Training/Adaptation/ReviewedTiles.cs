using System.Security.Cryptography;
using System.Text;
using HoverFast.Evaluation;
using HoverFast.Review;
using HoverFast.Review.Exchange;
using HoverFast.Review.Models;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Reviewed fields as tiles to adapt to, and the registry that takes what comes of them. Adapting goes on from the registry's current model; fields that it
/// learned
/// already aren't judged by again, and aren't forgotten since the crops kept with it stand for them.
/// </summary>
internal sealed class ReviewedTiles
{
    private const string DefaultStart = "hoverfast-he-float32";
    private const string NameEnding = "-reviewed";
    private const string TilesFolder = "tiles";
    private const string CheckpointsFolder = "checkpoints";
    private const string Prefix = "review-";
    private const string Unfinished = Prefix + "tiles.partial";
    private const int KeyLength = 16;
    private readonly ModelRegistry _registry;
    private readonly RegisteredModel? _parent;
    private readonly ExportedTiles _tiles;

    /// <summary>Takes the fields that are done and not yet learned out of the slides.</summary>
    /// <param name="results">The folder of results.</param>
    /// <param name="slides">Folders or files of the slides.</param>
    /// <param name="work">Folder for tiles and checkpoints. The same fields and the same start find their checkpoints again; those of others are
    /// deleted.</param>
    /// <param name="start">Model to start from, or null for the registry's current one.</param>
    /// <exception cref="ReviewException">There are no such fields.</exception>
    public ReviewedTiles(string results, IReadOnlyList<string> slides, string work, string? start)
    {
        _registry = ModelRegistry.Of(results);
        _parent = start is null ? _registry.Current : null;
        Start = start ?? _parent?.Float32Path ?? DefaultStart;
        var fresh = Path.Combine(work, Unfinished);
        if (Directory.Exists(fresh))
        {
            Directory.Delete(fresh, recursive: true);
        }

        var tiles = ReviewFolder.Open(results).ExportTiles(Path.Combine(fresh, TilesFolder), SlidePlaces.In(slides), Learned());
        var place = Path.Combine(work, Prefix + KeyOf(tiles.Folder));
        foreach (var other in Directory.EnumerateDirectories(work, Prefix + "*").Where(d => d != place && IsOurs(d)))
        {
            Directory.Delete(other, recursive: true);
        }

        if (Directory.Exists(place))
        {
            Directory.Delete(fresh, recursive: true);
        }
        else
        {
            Directory.Move(fresh, place);
        }

        _tiles = tiles with { Folder = Path.Combine(place, TilesFolder) };
        Checkpoints = Path.Combine(place, CheckpointsFolder);
    }

    /// <summary>Folder for the checkpoints of these tiles.</summary>
    public string Checkpoints { get; }

    /// <summary>Name or path of the model to start from.</summary>
    public string Start { get; }

    /// <summary>The tiles' folder.</summary>
    public string Folder => _tiles.Folder;

    /// <summary>Their pixel size.</summary>
    public double Mpp => _tiles.Mpp;

    /// <summary>File name of the model to make.</summary>
    /// <param name="startName">Name of the model to start from.</param>
    public static string FileNameFor(string startName)
    {
        var name = startName.EndsWith("-float32", StringComparison.Ordinal) ? startName[..^"-float32".Length] : startName;
        return (name.EndsWith(NameEnding, StringComparison.Ordinal) ? name : name + NameEnding) + ".onnx";
    }

    /// <summary>Registers a finished model as a candidate.</summary>
    /// <param name="files">Its files.</param>
    /// <param name="result">What adapting gave.</param>
    /// <param name="startName">Name of the model that it began with.</param>
    /// <param name="who">Who had it made.</param>
    public RegisteredModel Register(AdaptedModelFiles files, AdaptationResult result, string startName, string who) => _registry.Add(new NewModel
    {
        Folder = Path.GetDirectoryName(files.Float32)!,
        Stem = Path.GetFileNameWithoutExtension(files.Float32),
        Parent = _parent?.Version,
        ParentName = startName,
        Fields = _tiles.Fields,
        Scores = [OverTiles(result.Chosen.Own), .. result.Chosen.Checks.Select(OverNuclei)],
        Who = who,
    });

    private static RegisteredScore OverTiles(PairedReport set) => Score(set, set.First.PanopticQuality.Mean, set.Second.PanopticQuality.Mean, set.Gain);

    private static RegisteredScore OverNuclei(PairedReport set) =>
        Score(set, AdaptationReport.Pooled(set.First), AdaptationReport.Pooled(set.Second), set.PooledGain);

    private static RegisteredScore Score(PairedReport set, double before, double after, BootstrapInterval gain) =>
        new(set.Name, set.Images.Count, Round(before) ?? 0, Round(after) ?? 0, Round(gain.Mean) ?? 0, Round(gain.Low), Round(gain.High));

    // Others' folders may begin with the same word.
    private static bool IsOurs(string folder)
    {
        var key = Path.GetFileName(folder)[Prefix.Length..];
        return key.Length == KeyLength
            && key.All(char.IsAsciiHexDigitLower)
            && (File.Exists(Path.Combine(folder, TilesFolder, "tiles.json")) || Directory.Exists(Path.Combine(folder, CheckpointsFolder)));
    }

    // The start, the pictures and their labels.
    private string KeyOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Start));
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..KeyLength];
    }

    private static double? Round(double value) => double.IsNaN(value) ? null : Math.Round(value, 4);

    // Of the model and all that it came from.
    private HashSet<string> Learned()
    {
        var models = _registry.Models;
        var learned = new HashSet<string>(StringComparer.Ordinal);
        for (var model = _parent; model is not null; model = model.Parent is { } version ? models[version - 1] : null)
        {
            learned.UnionWith(model.Fields);
        }

        return learned;
    }
}
