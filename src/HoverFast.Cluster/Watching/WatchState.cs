using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Files;
using HoverFast.Slides;

namespace HoverFast.Cluster.Watching;

/// <summary>The slides that a watched folder has brought so far, in a file that survives a restart.</summary>
internal sealed class WatchState
{
    private const string Layout = "hoverfast-watch/1";

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    private readonly string _file;
    private readonly Dictionary<string, WatchedSlide> _slides;
    private bool _isSaved = true;

    /// <summary>Reads the file, where there is one.</summary>
    /// <exception cref="SlideException">It holds something else.</exception>
    public WatchState(string file)
    {
        _file = file;
        try
        {
            var content = RegularFile.Exists(file) ? JsonSerializer.Deserialize<Content>(RegularFile.ReadAllBytes(file), _json) : new Content(Layout, []);
            _slides = content is { Format: Layout }
                ? content.Slides.ToDictionary(s => s.Path, StringComparer.Ordinal)
                : throw new JsonException("it has another layout");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            throw new SlideException(file, "is no list of watched slides. Delete it: results that stand are kept, and the list is made again.", e);
        }
    }

    /// <summary>The slides whose end not all have been told who want to know.</summary>
    public IEnumerable<WatchedSlide> Untold => [.. _slides.Values.Where(s => s is { IsTold: false, IsSettled: true }).OrderBy(s => s.At)];

    /// <summary>What became of a slide; null where it is new.</summary>
    public WatchedSlide? Of(string path) => _slides.GetValueOrDefault(path);

    /// <summary>Whether a name belongs to another slide.</summary>
    /// <param name="name">The name.</param>
    /// <param name="path">The slide that asks for it.</param>
    /// <param name="counts">Which other slides count, by their paths.</param>
    public bool IsTaken(string name, string path, Func<string, bool> counts) =>
        _slides.Values.Any(s => s.Path != path && s.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && counts(s.Path));

    /// <summary>Notes what became of a slide.</summary>
    public void Set(WatchedSlide slide)
    {
        _slides[slide.Path] = slide;
        _isSaved = false;
    }

    /// <summary>Writes what has changed.</summary>
    /// <exception cref="IOException">There is no room, or the folder is away; the next call tries again.</exception>
    public void Save()
    {
        if (!_isSaved)
        {
            PartialFile.WriteText(
                _file,
                JsonSerializer.Serialize(new Content(Layout, [.. _slides.Values.OrderBy(s => s.Path, StringComparer.Ordinal)]), _json) + "\n");
            _isSaved = true;
        }
    }

    private sealed record Content(string Format, IReadOnlyList<WatchedSlide> Slides);
}
