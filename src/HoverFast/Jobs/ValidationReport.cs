using System.Text.Json;
using HoverFast.Evaluation;
using HoverFast.Files;
using HoverFast.Files.Chains;
using HoverFast.Labels;
using HoverFast.Model;

namespace HoverFast.Jobs;

/// <summary>A local validation: a laboratory's own tiles held against the limits that it stated before.</summary>
public sealed record ValidationReport
{
    /// <summary>The file's name in the folder of a validation.</summary>
    public const string FileName = "validation.json";

    /// <summary>The name of the page for people beside it.</summary>
    public const string PageName = "validation.html";

    /// <summary>Tiles that the page shows.</summary>
    private const int Shown = 6;

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>The protocol.</summary>
    public required ValidationProtocol Protocol { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Program { get; init; }

    /// <summary>Name and version of the model.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the model.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Each limit's finding.</summary>
    public required IReadOnlyList<ValidationFinding> Findings { get; init; }

    /// <summary>Each tile's figures, by name.</summary>
    public IReadOnlyList<ValidatedTile> Tiles { get; init; } = [];

    /// <summary>Whether all limits hold.</summary>
    public bool Holds => Findings.All(f => f.Holds);

    /// <summary>Judges scores.</summary>
    /// <param name="protocol">The limits.</param>
    /// <param name="model">The card of the model that was scored.</param>
    /// <param name="scores">The tiles' scores.</param>
    public static ValidationReport Of(ValidationProtocol protocol, ModelCard model, EvaluationReport scores)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(scores);
        return new ValidationReport
        {
            When = DateTimeOffset.UtcNow,
            Protocol = protocol,
            Program = Manifest.ProgramVersion(),
            Model = $"{model.Name} {model.Version}",
            ModelSha256 = model.Sha256,
            Findings = protocol.Judge(scores),
            Tiles =
            [
                .. scores.Images.Select(i => new ValidatedTile(
                    i.Name,
                    i.Score.TruthCount,
                    i.Score.PredictedCount,
                    ValidationProtocol.Round(i.Score.Dice),
                    ValidationProtocol.Round(i.Score.Aji),
                    ValidationProtocol.Round(i.Score.DetectionQuality),
                    ValidationProtocol.Round(i.Score.PanopticQuality))),
            ],
        };
    }

    /// <summary>Writes the report into a folder, for programs and as a page with pictures of the worst tiles, and a line into the folder's audit log.</summary>
    /// <param name="folder">Where to; made if it is missing.</param>
    /// <param name="segment">Segments a picture into a label image: the worst tiles, once more.</param>
    /// <param name="tiles">The folder of the tiles, which holds images/ and labels/.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="IOException">It can't be written, or the log's chain doesn't hold; then nothing is written.</exception>
    /// <exception cref="Slides.SlideException">A tile can't be read.</exception>
    public async Task WriteAsync(
        string folder,
        Func<string, CancellationToken, Task<LabelImage>> segment,
        string tiles,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentException.ThrowIfNullOrEmpty(tiles);
        var worst = new List<(ValidatedTile, byte[])>();
        foreach (var tile in Tiles.Where(t => t.Pq is not null).OrderBy(t => t.Pq).ThenBy(t => t.Name, StringComparer.Ordinal).Take(Shown))
        {
            worst.Add((tile, await ValidationPictures.DrawAsync(segment, tiles, tile.Name, cancellation)));
        }

        Directory.CreateDirectory(folder);
        using var log = ChainedFile.Begin(Path.Combine(folder, AuditEntry.FileName));
        var (path, page) = (Path.Combine(folder, FileName), Path.Combine(folder, PageName));
        PartialFile.WriteText(path, JsonSerializer.Serialize(this, AuditJson.Indented.ValidationReport) + "\n");
        PartialFile.WriteText(page, ValidationPage.Of(this, worst));
        var entry = new AuditEntry
        {
            When = When,
            Who = AuditEntry.Me,
            What = Holds ? "validated" : "validation failed",
            Result = Protocol.Name,
            Program = Program,
            Model = ModelSha256,
            Sha256 = ResultVerification.HashOf(path),
            Files = AuditEntry.HashesOf(path, [path, page]),
        };
        log.Append(entry.ToJson());
    }
}
