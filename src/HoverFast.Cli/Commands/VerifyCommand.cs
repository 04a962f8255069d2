using System.CommandLine;
using HoverFast.Jobs;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast verify</c>: whether a folder of results is as it was written; <c>hoverfast sign</c>: signs it.</summary>
internal static class VerifyCommand
{
    /// <summary>The commands.</summary>
    public static IReadOnlyList<Command> Make() => [Verify(), Sign()];

    private static Command Verify()
    {
        var folder = Folder();
        var key = new Option<FileInfo>("--key") { Description = "Public key (PEM, P-256) that every manifest must be signed with." };
        key.AcceptExistingOnly();
        var command = new Command(
            "verify",
            "Hold results against their manifests, audit log and signatures: tells what was changed, and exits with 1 where anything was.")
        {
            folder,
            key,
        };
        command.SetAction(parsed =>
        {
            var found = ResultVerification.Of(parsed.GetValue(folder)!.FullName, parsed.GetValue(key)?.FullName);
            foreach (var problem in found.Problems)
            {
                Console.WriteLine(problem);
            }

            Console.WriteLine(
                $"{found.Results} results, {found.Files} files, {(found.Entries is { } entries ? $"{entries} entries of the audit log" : "no audit log")}: {(found.Holds ? "all as written" : $"{found.Problems.Count} do not hold")}");
            return found.Holds ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }

    private static Command Sign()
    {
        var folder = Folder();
        var key = new Option<FileInfo>("--key") { Description = "Private key (PEM, P-256) of the laboratory.", Required = true };
        key.AcceptExistingOnly();
        var command = new Command("sign", "Sign the manifests of results with a key of your own (ECDSA P-256), once all is as written.") { folder, key };
        command.SetAction(parsed =>
        {
            var signed = ResultSigning.Sign(parsed.GetValue(folder)!.FullName, parsed.GetValue(key)!.FullName);
            Console.WriteLine($"{signed} manifests signed");
            return ExitCode.Success;
        });
        return command;
    }

    private static Argument<DirectoryInfo> Folder() => new("RESULTS") { Description = "A folder of results." };
}
