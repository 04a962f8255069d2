using System.Text.Json;
using HoverFast.Evaluation;
using HoverFast.Files;
using HoverFast.Files.Chains;
using HoverFast.Model;

namespace HoverFast.Jobs;

/// <summary>A local validation: a laboratory's own tiles held against the limits that it stated before.</summary>
public sealed record ValidationReport
{
    /// <summary>The file's name in the folder of a validation.</summary>
    public const string FileName = "validation.json";

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
        };
    }

    /// <summary>Writes the report into a folder, and a line into the folder's audit log.</summary>
    /// <exception cref="IOException">It can't be written, or the log's chain doesn't hold.</exception>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        PartialFile.WriteText(path, JsonSerializer.Serialize(this, AuditJson.Indented.ValidationReport) + "\n");
        var entry = new AuditEntry
        {
            When = When,
            Who = Environment.UserName,
            What = Holds ? "validated" : "validation failed",
            Result = Protocol.Name,
            Program = Program,
            Model = ModelSha256,
            Sha256 = ResultVerification.HashOf(path),
        };
        ChainedFile.Append(Path.Combine(folder, AuditEntry.FileName), entry.ToJson());
    }
}
