using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast control</c>: whether this installation finds on a control picture what it must.</summary>
internal static class ControlCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var picture = new Option<FileInfo>("--picture") { Description = "A control picture of your own; left out, the one that the program carries." };
        picture.AcceptExistingOnly();
        var expected = new Option<FileInfo>("--expected") { Description = "The expected result, as --save wrote it; left out, that of the built-in model." };
        expected.AcceptExistingOnly();
        var save = new Option<FileInfo?>("--save") { Description = "Save what is found as the expected result, for the controls to come." };
        var mpp = CalibrationOptions.Mpp("With --save: pixel size of a picture that states none, in um/px.");
        var log = new Option<FileInfo?>("--log") { Description = "Add the finding to this log, whose lines are chained by hashes; made if it is missing." };
        var model = ModelOptions.Model();
        var views = ModelOptions.Views();
        var device = ModelOptions.Device();
        var command = new Command(
            "control",
            "Segment a control picture and hold it against the expected result: after installing, and every morning. Exits with 1 where it differs.")
        {
            picture,
            expected,
            save,
            mpp,
            log,
            model,
            views,
            device,
        };
        command.Validators.Add(r =>
        {
            if (r.GetResult(save) is not null && (r.GetResult(expected) is not null || r.GetResult(log) is not null))
            {
                r.AddError("--save makes an expected result; it goes with neither --expected nor --log.");
            }

            if (r.GetResult(save) is null && r.GetResult(picture) is not null && r.GetResult(expected) is null)
            {
                r.AddError("A --picture of your own needs its --expected result; make one with --save.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetResult(save) is null && (parsed.GetValue(mpp) is not null || parsed.GetResult(views) is { Implicit: false }))
            {
                Console.Error.WriteLine("error: --mpp and --views go with --save; the expected result holds them.");
                return ExitCode.Usage;
            }

            using var network = ModelCatalog.Load(parsed.GetValue(model), device: ExecutionProviders.Parse(parsed.GetValue(device)!));
            var run = new ControlRun(network)
            {
                Picture = parsed.GetValue(picture)?.FullName,
                Mpp = parsed.GetValue(mpp) is { } value ? new Mpp(value) : null,
                Views = parsed.GetValue(views),
            };
            if (parsed.GetValue(save) is { } target)
            {
                Console.WriteLine($"{target.FullName}: {await run.SaveAsync(target.FullName, cancellation)} nuclei expected from now on");
                return ExitCode.Success;
            }

            var report = await run.CompareAsync(parsed.GetValue(expected)?.FullName, cancellation);
            if (parsed.GetValue(log) is { } file)
            {
                report.AppendTo(file.FullName);
            }

            foreach (var finding in report.Findings)
            {
                Console.WriteLine(finding);
            }

            Console.WriteLine(report.Holds ? "control held" : "CONTROL FAILED: don't use this installation before you know why");
            return report.Holds ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }
}
