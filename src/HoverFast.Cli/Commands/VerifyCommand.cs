using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Jobs;
using HoverFast.Jobs.Finished;
using HoverFast.Pipeline;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast verify</c>: whether a folder of results is as it was written; <c>hoverfast sign</c>: signs it.</summary>
internal static class VerifyCommand
{
    /// <summary>The commands.</summary>
    public static IReadOnlyList<Command> Make() => [Verify(), Sign()];

    private static Command Verify()
    {
        var folder = Folder();
        var key = new Option<FileInfo>("--key") { Description = "Public key (PEM, P-256) that every manifest, and a validation, must be signed with." };
        key.AcceptExistingOnly();
        var rerun = NumberOption.Whole(
            "--rerun",
            "Segment so many tiles of each result again, chosen at random, and compare nucleus by nucleus.",
            1,
            int.MaxValue);
        var seed = NumberOption.Whole("--seed", "Chooses the tiles of --rerun; left out, they are others each time.", 0, int.MaxValue);
        var slides = FinishedSlides.Places();
        var model = FinishedSlides.Model();
        var threads = NumberOption.Whole("--threads", "Threads for --rerun.", ThreadCount.Available, 1, ThreadCount.Most);
        var command = new Command(
            "verify",
            "Hold results against their manifests, audit log and signatures: tells what was changed, and exits with 1 where anything was.")
        {
            folder,
            key,
            rerun,
            seed,
            slides,
            model,
            threads,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var found = ResultVerification.Of(parsed.GetValue(folder)!.FullName, parsed.GetValue(key)?.FullName);
            foreach (var problem in found.Problems)
            {
                Console.WriteLine(problem);
            }

            if (found.Unnamed is { Count: > 0 } unnamed)
            {
                Console.WriteLine($"note: no manifest names {string.Join(", ", unnamed)}: of an earlier result, or from elsewhere.");
            }

            Console.WriteLine(
                $"{found.Results} results, {found.Files} files, {(found.Entries is { } entries ? $"{entries} entries of the audit log" : "no audit log")}: {(found.Holds ? "all as written" : $"{found.Problems.Count} do not hold")}");
            var again =
                parsed.GetValue(rerun) is not { } tiles
                || await RerunAsync(
                    parsed.GetValue(folder)!.FullName,
                    new RerunOptions
                    {
                        Tiles = tiles,
                        Seed = parsed.GetValue(seed) ?? Random.Shared.Next(),
                        Slides = FinishedSlides.Given(parsed, slides),
                        Model = parsed.GetValue(model),
                        Threads = parsed.GetValue(threads),
                    },
                    cancellation);
            return found.Holds && again ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }

    private static async Task<bool> RerunAsync(string folder, RerunOptions options, CancellationToken cancellation)
    {
        var again = await ResultRerun.RunAsync(folder, options, cancellation);
        foreach (var problem in again.Problems)
        {
            Console.WriteLine(problem);
        }

        Console.WriteLine(
            $"{again.Tiles} tiles with {again.Nuclei} nuclei of {again.Results} results segmented again (--seed {options.Seed}): {(again.Holds ? "the files say the same" : "not all holds")}");
        return again.Holds;
    }

    private static Command Sign()
    {
        var folder = Folder();
        var key = new Option<FileInfo>("--key") { Description = "Private key (PEM, P-256) of the laboratory.", Required = true };
        key.AcceptExistingOnly();
        var command = new Command("sign", "Sign the manifests of results, or a validation, with a key of your own (ECDSA P-256), once all is as written.") { folder, key };
        command.SetAction(parsed =>
        {
            var signed = ResultSigning.Sign(parsed.GetValue(folder)!.FullName, parsed.GetValue(key)!.FullName);
            Console.WriteLine($"{signed} files signed");
            return ExitCode.Success;
        });
        return command;
    }

    private static Argument<DirectoryInfo> Folder() => new("RESULTS") { Description = "A folder of results, or of a validation." };
}
