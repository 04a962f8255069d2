using System.IO.Compression;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;

namespace HoverFast.Jobs;

/// <summary>What a model found on a control picture: kept to be held against what is found there later, or on another machine.</summary>
internal sealed partial record ControlResult
{
    private const string Layout = "hoverfast-control/1";
    private const long MostBytes = 256 << 20;

    /// <summary>Name and version of this layout.</summary>
    public string Format { get; init; } = Layout;

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>File name of the picture.</summary>
    public required string Picture { get; init; }

    /// <summary>SHA-256 of the picture's file, lower-case hexadecimal.</summary>
    public required string PictureSha256 { get; init; }

    /// <summary>Its pixel size in um/px.</summary>
    public required double Mpp { get; init; }

    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Version of its weights.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>SHA-256 of the model, lower-case hexadecimal.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Mirrored and turned views that were averaged.</summary>
    public required int Views { get; init; }

    /// <summary>What ran the model, in words.</summary>
    public required string Engine { get; init; }

    /// <summary>Whether every processor comes to the same bytes with that engine.</summary>
    public required bool IsExact { get; init; }

    /// <summary>What computes (<see cref="SlideSession.ResultRevision"/>): programs of one revision come to the same nuclei.</summary>
    public required string Revision { get; init; }

    /// <summary>SHA-256 of the GeoJSON text without ids: outlines, types and measurements.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Each nucleus's outline: x, y, x, y ... in hundredths of a full-resolution pixel.</summary>
    public required IReadOnlyList<int[]> Outlines { get; init; }

    /// <summary>The outlines in pixels.</summary>
    public IReadOnlyList<Vector2[]> InPixels() =>
        [.. Outlines.Select(o => o.Chunk(2).Select(p => new Vector2(p[0], p[1]) / OutlinePoint.PerPixel).ToArray())];

    /// <summary>Describes a finished result.</summary>
    /// <param name="model">The network that found it.</param>
    /// <param name="picture">The picture's file.</param>
    /// <param name="manifest">The result's manifest.</param>
    /// <param name="geoJson">Its outlines.</param>
    public static ControlResult Of(NucleusModel model, string picture, Manifest manifest, string geoJson) => new()
    {
        When = manifest.Finished,
        Picture = Path.GetFileName(picture),
        PictureSha256 = RegularFile.HashOf(picture),
        Mpp = manifest.Slide.Mpp,
        Model = manifest.Model.Name,
        ModelVersion = manifest.Model.Version,
        ModelSha256 = manifest.Model.Sha256,
        Views = manifest.Settings.Views,
        Engine = manifest.Model.Engine,
        IsExact = model.EngineKey == "integer",
        Revision = SlideSession.ResultRevision,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Id().Replace(TextOf(geoJson), "")))),
        Outlines = [.. OutlineFile.Read(geoJson).Select(o => o.Select(p => OutlinePoint.Round(p.X, p.Y)).SelectMany(p => (int[])[p.X, p.Y]).ToArray())],
    };

    /// <summary>Reads an expected result.</summary>
    /// <exception cref="IOException">It is missing, or none.</exception>
    public static ControlResult Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(RegularFile.ReadAllBytes(path, MostBytes), AuditJson.OneLine.ControlResult) is { Format: Layout } read
                && read.Outlines.All(o => o is { Length: >= 6 } && o.Length % 2 == 0)
                ? read
                : throw new JsonException("it is of another kind");
        }
        catch (JsonException e)
        {
            throw new IOException($"{path}: is no expected result of hoverfast control ({e.Message}); make one with --save.", e);
        }
    }

    /// <summary>What a built-in model is expected to find on the built-in picture; null for another model.</summary>
    public static ControlResult? BuiltIn(string model)
    {
        using var stream = typeof(ControlResult).Assembly.GetManifestResourceStream($"{model}.control.json");
        return stream is null ? null : JsonSerializer.Deserialize(stream, AuditJson.OneLine.ControlResult);
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public void Write(string path) => PartialFile.WriteText(path, JsonSerializer.Serialize(this, AuditJson.OneLine.ControlResult) + "\n");

    private static string TextOf(string geoJson)
    {
        using var text = new StreamReader(new GZipStream(RegularFile.OpenRead(geoJson), CompressionMode.Decompress), Encoding.UTF8);
        return text.ReadToEnd();
    }

    [GeneratedRegex("\"id\":\"[0-9a-f-]{36}\",")]
    private static partial Regex Id();
}
