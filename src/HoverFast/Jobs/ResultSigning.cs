using HoverFast.Files.Chains;

namespace HoverFast.Jobs;

/// <summary>Signs the results of a folder, or a validation, with a laboratory's own key.</summary>
public static class ResultSigning
{
    /// <summary>
    /// Signs all manifests, and <see cref="ValidationReport.FileName"/> where there is one, once all files are as they were written; where the folder has an
    /// audit log, it says so there.
    /// </summary>
    /// <param name="folder">The folder of results, or of a validation.</param>
    /// <param name="privateKey">The key's file: PEM, curve P-256.</param>
    /// <returns>How many files were signed.</returns>
    /// <exception cref="IOException">The folder holds neither results nor a validation, something in it was changed, or the key can't be read.</exception>
    public static int Sign(string folder, string privateKey)
    {
        using var key = ResultSignature.ReadKey(privateKey);
        var found = ResultVerification.Of(folder);
        if (!found.Holds)
        {
            throw new IOException($"{folder}: nothing is signed, for not all is as it was written: {found.Problems[0]}");
        }

        var signed = 0;
        foreach (var (path, name) in ResultSignature.Signable(folder))
        {
            ResultSignature.Write(path, key);
            signed++;
            if (found.Entries is not null)
            {
                var entry = new AuditEntry
                {
                    When = DateTimeOffset.UtcNow,
                    Who = AuditEntry.Me,
                    What = "signed",
                    Result = name,
                    Program = Manifest.ProgramVersion(),
                    Sha256 = ResultVerification.HashOf(path),
                };
                ChainedFile.Append(Path.Combine(folder, AuditEntry.FileName), entry.ToJson());
            }
        }

        return signed;
    }
}
