using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Review.Edits;

namespace HoverFast.Review.Logs;

/// <summary>An entry of a slide's review: who did what when, what was before, what is after, and why if given.</summary>
internal sealed record ReviewEntry
{
    /// <summary>How entries are written: one line, nothing that is not there.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
    };

    /// <summary>The same over several lines, for files that people look at.</summary>
    public static readonly JsonSerializerOptions IndentedJson = new(Json) { WriteIndented = true };

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>Who.</summary>
    public required string Who { get; init; }

    /// <summary>What.</summary>
    public required EditKind What { get; init; }

    /// <summary>The field that it was done in; null for what concerns the whole slide.</summary>
    public string? Field { get; init; }

    /// <summary>The nuclei before and after.</summary>
    public IReadOnlyList<NucleusChange>? Changes { get; init; }

    /// <summary>Number of the entry that an undo or redo is about.</summary>
    public long? Of { get; init; }

    /// <summary>Why, if told.</summary>
    public string? Why { get; init; }

    /// <summary>The result that is reviewed, where the review begins.</summary>
    public ReviewedResult? Result { get; init; }

    /// <summary>A session whose fields were drawn here, and the hash of its file.</summary>
    public string? Session { get; init; }

    /// <summary>SHA-256 of the file that the entry is about: the session's, one that came in, or one that went out.</summary>
    public string? File { get; init; }

    /// <summary>SHA-256 of the file with the nuclei of a session's fields, as the model found them.</summary>
    public string? Nuclei { get; init; }
}
