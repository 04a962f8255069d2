using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Files;
using HoverFast.Slides;

namespace HoverFast.Model;

/// <summary>
/// What travels with a model: how to feed it, what it was trained on, how well it does. It lies beside MODEL.onnx as MODEL.card.json
/// (after Mitchell et al., Model Cards for Model Reporting, FAT* 2019).
/// </summary>
public sealed record ModelCard
{
    /// <summary>Bytes that a card may have.</summary>
    internal const long MostBytes = 4L << 20;

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Short name, for example "hoverfast-he".</summary>
    public required string Name { get; init; }

    /// <summary>"student", "teacher" or "imported".</summary>
    public required string Kind { get; init; }

    /// <summary>One or two sentences for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Version of the weights.</summary>
    public string Version { get; init; } = "1";

    /// <summary>The day on which it was made, year-month-day; null where that isn't known.</summary>
    public string? Created { get; init; }

    /// <summary>The model whose weights it began with; null where there is none.</summary>
    public BaseModel? Base { get; init; }

    /// <summary>
    /// The model inside of an adapted one, which segments slides that don't look like the tiles that were learned; null where it segments all slides itself.
    /// </summary>
    public BaseModel? Elsewhere { get; init; }

    /// <summary>Licence of the weights.</summary>
    public string Licence { get; init; } = "";

    /// <summary>Pixel size, in um/px, of the pictures that the network takes.</summary>
    public required double Mpp { get; init; }

    /// <summary>The stain it knows, for example "H&amp;E".</summary>
    public string Stain { get; init; } = "H&E";

    /// <summary>What happens to the bytes of the picture, in words; it is part of the ONNX graph.</summary>
    public string Normalisation { get; init; } = "";

    /// <summary>The outputs, in words.</summary>
    public string Outputs { get; init; } = "";

    /// <summary>Sides of the picture must be a multiple of this; tiles lie on such multiples of the working grid.</summary>
    public int Stride { get; init; } = 16;

    /// <summary>Picture pixels on a side of one map pixel.</summary>
    public int OutputStride { get; init; } = 1;

    /// <summary>Picture pixels that the maps lack on each side (valid convolutions); 0 where maps and picture cover the same.</summary>
    public int Margin { get; init; }

    /// <summary>Pixels on each side of a tile that can influence the maps: the halo that makes them independent of the tile.</summary>
    public int ReceptiveRadius { get; init; }

    /// <summary>
    /// Side of the only patch that the graph takes, or null where any multiple of <see cref="Stride"/> will do; <see cref="NucleusModel.Run(Slides.RgbImage)"/>
    /// puts larger pictures together from such patches.
    /// </summary>
    public int? FixedInput { get; init; }

    /// <summary>Nucleus types by their number (0 is background); null for models without types.</summary>
    public IReadOnlyList<NucleusType>? Types { get; init; }

    /// <summary>
    /// Share of a nucleus's pixels that its type needs (the type's probability where there is a <see cref="TypeContext"/>), 0 to 1; a nucleus with less counts
    /// as the last type, "Other". Null where every nucleus keeps its first type.
    /// </summary>
    public double? TypeShare { get; init; }

    /// <summary>How what lies around a nucleus counts for its type; null where its own pixels alone vote.</summary>
    public TypeContext? TypeContext { get; init; }

    /// <summary>
    /// The shipped student by whose calibration nuclei are judged, for a model adapted from it; null for others. Where it stands, nuclei that are unlikely to
    /// be right are left out as they are with that student.
    /// </summary>
    public string? Calibration { get; init; }

    /// <summary>Trained numbers.</summary>
    public long Parameters { get; init; }

    /// <summary>Multiply-adds for one pixel of the picture.</summary>
    public double MultiplyAddsPerPixel { get; init; }

    /// <summary>The network's shape, for students and teachers that can be trained further; null for others.</summary>
    public StudentArchitecture? Network { get; init; }

    /// <summary>Numeric precision of the graph: "float32" or "int8".</summary>
    public string Precision { get; init; } = "float32";

    /// <summary>The data that it learned from.</summary>
    public IReadOnlyList<DataUse> Data { get; init; } = [];

    /// <summary>Its scores.</summary>
    public IReadOnlyList<Score> Scores { get; init; } = [];

    /// <summary>How well it tells nucleus types; null for models without types of our own.</summary>
    public IReadOnlyList<TypeScore>? TypeScores { get; init; }

    /// <summary>Scores of the model that it began with on the same images; null where there is none.</summary>
    public IReadOnlyList<Score>? ScoresBefore { get; init; }

    /// <summary>What it can't do.</summary>
    public string Limits { get; init; } = "";

    /// <summary>SHA-256 of the ONNX file, lower-case hexadecimal.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The numbers that shape results, in words for the keys of results.</summary>
    internal string Numbers =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"mpp {Mpp:R}; stride {Stride} {OutputStride}; margin {Margin}; radius {ReceptiveRadius}; input {FixedInput}; {Precision}; types {string.Join(", ", (Types ?? []).Select(t => $"{t.Name} {string.Join(' ', t.Colour)}"))}{(TypeShare > 0 ? $"; share {TypeShare:R}" : "")}{(TypeContext is { } context ? $"; around {context.Radius:R} {string.Join(' ', context.Weights.SelectMany(w => w).Select(w => w.ToString("R", CultureInfo.InvariantCulture)))}" : "")}{(Calibration is null ? "" : $"; judged as {Calibration}")}");

    /// <summary>Whether tiles for this network suit another one, and the answers are of the same kind.</summary>
    internal bool ReadsLike(ModelCard other) =>
        (Mpp, Stride, OutputStride, Margin, ReceptiveRadius, FixedInput)
            == (other.Mpp, other.Stride, other.OutputStride, other.Margin, other.ReceptiveRadius, other.FixedInput)
        && (Types ?? []).Select(t => t.Name).SequenceEqual((other.Types ?? []).Select(t => t.Name));

    /// <summary>Pixel size of the maps.</summary>
    public Mpp MapMpp => new(Mpp * OutputStride);

    /// <summary>The card's place beside a model file.</summary>
    public static string PathFor(string modelPath) => Path.ChangeExtension(modelPath, ".card.json");

    /// <summary>Reads a card.</summary>
    /// <exception cref="ModelException">It isn't one, or its numbers are impossible.</exception>
    public static ModelCard Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            var card = JsonSerializer.Deserialize<ModelCard>(json, _json) ?? throw new JsonException("it is empty");
            ModelCardCheck.Require(card);
            return card;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new ModelException(path, $"not a model card ({e.Message}). Take the card that came with the model.", e);
        }
    }

    /// <summary>Writes the card, under a temporary name first.</summary>
    public void Save(string path) => PartialFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(ToJson() + "\n")));

    /// <summary>The card as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>SHA-256 as cards write it.</summary>
    public static string HashOf(ReadOnlySpan<byte> model) => Convert.ToHexStringLower(SHA256.HashData(model));

    /// <summary>A model that another one began with.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Sha256">SHA-256 of its ONNX file, lower-case hexadecimal.</param>
    public sealed record BaseModel(string Name, string Sha256);

    /// <summary>A set of images and what it was used for.</summary>
    /// <param name="Name">Short name.</param>
    /// <param name="Use">"train", "validate", "start" for what the first weights were trained on elsewhere, "types" and "validate types" for nucleus types
    /// alone.</param>
    /// <param name="Images">How many images; 0 where none were used here.</param>
    /// <param name="Licence">Its licence.</param>
    /// <param name="Source">Where it comes from.</param>
    /// <param name="Mpp">Pixel size that was assumed, um/px; 0 where there is none.</param>
    public sealed record DataUse(string Name, string Use, int Images, string Licence, string Source, double Mpp);

    /// <summary>Scores on one set: means over images of panoptic quality, aggregated Jaccard index and Dice.</summary>
    /// <param name="Set">Name of the set.</param>
    /// <param name="Images">How many images.</param>
    /// <param name="Pq">Panoptic quality, 0 to 1.</param>
    /// <param name="Aji">Aggregated Jaccard index, 0 to 1.</param>
    /// <param name="Dice">Dice of the foreground, 0 to 1.</param>
    public sealed record Score(string Set, int Images, double Pq, double Aji, double Dice);

    /// <summary>Scores of nucleus types on one set, over all its images.</summary>
    /// <param name="Set">Name of the set.</param>
    /// <param name="Images">How many images.</param>
    /// <param name="Detection">HoVer-Net's F_d: F1 of detection within 3 um.</param>
    /// <param name="Accuracy">Share of the nuclei found that have their type.</param>
    /// <param name="Types">HoVer-Net's F_c of each type that the set has.</param>
    public sealed record TypeScore(string Set, int Images, double Detection, double Accuracy, IReadOnlyDictionary<string, double> Types);

    /// <summary>A nucleus type.</summary>
    /// <param name="Name">Name, as QuPath shall show it.</param>
    /// <param name="Colour">Red, green, blue, 0 to 255.</param>
    /// <param name="Also">Names that data sets give it, or kinds of cells that it takes in; null for none.</param>
    public sealed record NucleusType(string Name, IReadOnlyList<int> Colour, IReadOnlyList<string>? Also = null);
}
