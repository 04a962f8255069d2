using System.Security.Cryptography;
using HoverFast.Files;
using HoverFast.Files.Chains;
using HoverFast.Model;

namespace HoverFast.Jobs;

/// <summary>
/// Holds a folder of results against what was written down of it: outputs against their manifests' hashes, manifests and a validation against the audit
/// log and their signatures, the log against its own chain, built-in models against the hashes that the manifests name.
/// </summary>
public sealed record ResultVerification
{
    /// <summary>Results that were looked at.</summary>
    public required int Results { get; init; }

    /// <summary>Files that were held against their hashes.</summary>
    public required int Files { get; init; }

    /// <summary>Entries of the audit log; null where there is none.</summary>
    public required int? Entries { get; init; }

    /// <summary>What does not hold, a sentence each, with the file's name first.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>
    /// Files of results that no manifest names, as an earlier result by other settings leaves them: nobody can tell whether they are as they were written.
    /// </summary>
    public required IReadOnlyList<string> Unnamed { get; init; }

    /// <summary>Whether all holds.</summary>
    public bool Holds => Problems.Count == 0;

    /// <summary>Verifies a folder.</summary>
    /// <param name="folder">The folder of results.</param>
    /// <param name="publicKey">The key (PEM) that every manifest and a validation must be signed with; null asks for no signatures.</param>
    /// <exception cref="IOException">There is no such folder, it holds no results, or the key can't be read.</exception>
    public static ResultVerification Of(string folder, string? publicKey = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new IOException($"{folder}: there is no such folder.");
        }

        using var key = publicKey is null ? null : ResultSignature.ReadKey(publicKey);
        var manifests = Manifest.PathsIn(folder).ToList();
        var log = Path.Combine(folder, AuditEntry.FileName);
        var signable = ResultSignature.Signable(folder).ToList();
        if (signable.Count == 0 && !File.Exists(log))
        {
            throw new IOException($"{folder}: holds no results (NAME.manifest.json).");
        }

        var problems = new List<string>();
        var files = 0;
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in manifests)
        {
            if (Manifest.TryRead(path) is { } manifest)
            {
                files += Check(folder, path, manifest, problems);
                if (OtherNameIn(manifest, Manifest.NameOf(path)) is { } other)
                {
                    problems.Add($"{Path.GetFileName(path)}: is the manifest of {other}: it was renamed or copied.");
                }

                named.UnionWith(manifest.Outputs.Select(o => o.File));
            }
            else
            {
                problems.Add($"{Path.GetFileName(path)}: is no manifest.");
            }
        }

        foreach (var path in signable.Select(s => s.Path).Where(p => key is not null && !ResultSignature.Fits(p, key)))
        {
            problems.Add(
                $"{Path.GetFileName(path)}: {(File.Exists(ResultSignature.PathFor(path)) ? "its signature does not fit the key: it was changed, or signed with another key." : "is not signed.")}");
        }

        return new ResultVerification
        {
            Results = manifests.Count,
            Files = files,
            Entries = File.Exists(log) ? CheckLog(folder, log, problems) : null,
            Problems = problems,
            Unnamed = [.. UnnamedIn(folder, manifests.ConvertAll(Manifest.NameOf), named)],
        };
    }

    // Tables have endings that anything may have.
    private static bool IsOfResultsAlone(string ending) => ending.LastIndexOf('.') > 0;

    private static IEnumerable<string> UnnamedIn(string folder, IReadOnlyCollection<string> results, HashSet<string> named) =>
        Directory
            .EnumerateFiles(folder)
            .Select(f => Path.GetFileName(f)!)
            .Where(f => !named.Contains(f)
                && ResultFolder.Endings.Any(e => f.EndsWith(e, StringComparison.Ordinal)
                    && (IsOfResultsAlone(e) || results.Contains(f[..^e.Length]))))
            .Order(StringComparer.Ordinal);

    // Hash and signature are of what stands in a manifest, and its own name doesn't. Names that a program chose (ResultOptions.FileOf) may be any.
    private static string? OtherNameIn(Manifest manifest, string name) =>
        manifest.Outputs
            .Select(o => ResultFolder.Endings.FirstOrDefault(e => IsOfResultsAlone(e) && o.File.EndsWith(e, StringComparison.Ordinal)) is { } ending
                ? o.File[..^ending.Length]
                : null)
            .FirstOrDefault(other => other is not null && other != name);

    private static int Check(string folder, string path, Manifest manifest, List<string> problems)
    {
        foreach (var file in manifest.Outputs.Where(o => !o.IsWholeIn(folder)))
        {
            problems.Add(
                $"{file.File}: {(File.Exists(Path.Combine(folder, file.File)) ? "was changed after it was written" : "is missing")} ({Path.GetFileName(path)} names it).");
        }

        if (NucleusModel.BuiltIn.Contains(manifest.Model.Name)
            && manifest.Version == Manifest.ProgramVersion()
            && BuiltInModels.Card(manifest.Model.Name).Sha256 != manifest.Model.Sha256)
        {
            problems.Add($"{Path.GetFileName(path)}: names the model {manifest.Model.Name}, but not its hash.");
        }

        return manifest.Outputs.Count;
    }

    private static int CheckLog(string folder, string log, List<string> problems)
    {
        IReadOnlyList<byte[]> lines;
        try
        {
            (lines, _) = ChainedFile.Read(log);
        }
        catch (BrokenLogException e)
        {
            problems.Add($"{AuditEntry.FileName}: {e.Problem}");
            return (int)e.Entry - 1;
        }

        List<AuditEntry> entries = [.. lines.Select(AuditEntry.TryParse).OfType<AuditEntry>()];
        problems.AddRange(AuditLog.Check(folder, entries));
        problems.AddRange(AuditLog.CheckFiles(folder, entries));
        var known = entries.Where(e => e.What == "segmented").ToLookup(e => e.Result, StringComparer.Ordinal);
        foreach (var manifest in Manifest.PathsIn(folder).Where(f => !known.Contains(Manifest.NameOf(f))))
        {
            problems.Add($"{Path.GetFileName(manifest)}: has no entry in {AuditEntry.FileName}: it was made without --audit, or the log's end was cut off.");
        }

        if (File.Exists(Path.Combine(folder, ValidationReport.FileName)) && !entries.Exists(e => e.Files?.ContainsKey(ValidationReport.FileName) == true))
        {
            problems.Add($"{ValidationReport.FileName}: has no entry in {AuditEntry.FileName}: it came from elsewhere, or the log's end was cut off.");
        }

        // The last that was done to a result tells what its manifest must be.
        foreach (var last in known.Select(g => g.Last()))
        {
            var manifest = Manifest.PathFor(folder, last.Result);
            if (!File.Exists(manifest))
            {
                problems.Add($"{Path.GetFileName(manifest)}: is missing; {AuditEntry.FileName} names it.");
            }
            else if (HashOf(manifest) != last.Sha256)
            {
                problems.Add($"{Path.GetFileName(manifest)}: is not the one that {AuditEntry.FileName} names: it was changed, or made without --audit.");
            }
        }

        return lines.Count;
    }

    /// <summary>SHA-256 of a file, lower-case hexadecimal.</summary>
    internal static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(RegularFile.ReadAllBytes(path)));
}
